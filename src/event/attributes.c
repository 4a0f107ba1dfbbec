#include "event/attributes.h"

static const char *const names[ATTRIBUTES] = {
#define ATTRIBUTE_NAME(code, word) [code] = (word),
    ATTRIBUTE_TABLE(ATTRIBUTE_NAME)
#undef ATTRIBUTE_NAME
};

const char *attribute_name(enum attribute a)
{
    return (unsigned)a < ATTRIBUTES ? names[a] : "";
}

enum attribute attribute_from(struct str name)
{
    int a = 0;
    while (a < ATTRIBUTES && !str_eq(name, str_of(names[a])))
        a++;
    return (enum attribute)a;
}

bool attribute_value_ok(struct str value)
{
    return value.n <= ATTRIBUTE_VALUE_MAX && str_is_utf8(value) && !str_has_control(value) &&
           str_find(value, '&') == value.n && str_find(value, '=') == value.n;
}

void attributes_write(const struct attributes *a, struct buf *out)
{
    bool first = true;
    for (int i = 0; i < ATTRIBUTES; i++) {
        if (!a->value[i].p)
            continue;
        if (!first)
            buf_add_char(out, '&');
        first = false;
        buf_add_z(out, names[i]);
        buf_add_char(out, '=');
        buf_add_str(out, a->value[i]);
    }
}

bool attributes_read(struct str text, struct attributes *ret)
{
    struct attributes a = {0};
    int before = -1;
    while (text.n > 0) {
        struct str value = str_cut(&text, '&');
        struct str name = str_cut(&value, '=');
        enum attribute i = attribute_from(name);
        if (i == ATTRIBUTES || (int)i <= before || !value.p || !attribute_value_ok(value))
            return false;
        a.value[i] = value;
        before = (int)i;
        if (text.p && text.n == 0)
            return false;
    }
    *ret = a;
    return true;
}

void attributes_lay_over(struct attributes *base, const struct attributes *over)
{
    for (int i = 0; i < ATTRIBUTES; i++) {
        if (over->value[i].p)
            base->value[i] = over->value[i].n > 0 ? over->value[i] : STR_NONE;
    }
}

const char *age_band_of(unsigned years)
{
    static const struct {
        unsigned below;
        const char *band;
    } bands[] = {{18, "under-18"}, {25, "18-24"}, {35, "25-34"},
                 {45, "35-44"},    {50, "45-49"}, {56, "50-55"}};
    for (size_t i = 0; i < sizeof(bands) / sizeof(bands[0]); i++) {
        if (years < bands[i].below)
            return bands[i].band;
    }
    return "56+";
}
