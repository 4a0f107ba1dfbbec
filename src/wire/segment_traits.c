#include "wire/segment_traits.h"

#include "base/clock.h"
#include "wire/countries.h"
#include "wire/json_envelope.h"

#define YEAR_MS INT64_C(31556952000) /* 365.2425 days */

static bool years_of(struct json_object *traits, int64_t at_ms, unsigned *ret)
{
    int64_t years = -1;
    int64_t born;
    struct mq_error err;
    struct json_object *age = json_member(traits, "age");
    struct str birthday = json_member_text(traits, "birthday");
    if (age && json_object_is_type(age, json_type_string))
        (void)str_to_i64(json_member_text(traits, "age"), &years);
    else if (age)
        (void)json_read_whole("age", age, 0, 150, &years, &err);
    if (years < 0 && birthday.n > 0 && time_parse(birthday, &born, NULL) && born <= at_ms)
        years = (at_ms - born) / YEAR_MS;
    if (years < 0 || years > 150)
        return false;
    *ret = (unsigned)years;
    return true;
}

static void take_text(struct json_object *traits, const char *key, struct str *ret)
{
    struct str value = json_member_text(traits, key);
    if (value.n > 0 && attribute_value_ok(value))
        *ret = value;
}

void segment_traits(struct json_object *traits, int64_t at_ms, struct buf *out)
{
    struct attributes a = {0};
    struct json_object *address = json_member(traits, "address");
    char country[3];
    unsigned years;
    if (years_of(traits, at_ms, &years))
        a.value[ATTRIBUTE_AGE_BAND] = str_of(age_band_of(years));
    else
        take_text(traits, "age_band", &a.value[ATTRIBUTE_AGE_BAND]);
    take_text(traits, "gender", &a.value[ATTRIBUTE_GENDER]);
    struct str place = json_member_text(address, "country");
    if (place.n == 0)
        place = json_member_text(traits, "country");
    country_code code;
    if (place.n > 0 && country_find(place, &code)) {
        country_text(code, country);
        a.value[ATTRIBUTE_COUNTRY] = (struct str){country, 2};
    }
    take_text(address, "state", &a.value[ATTRIBUTE_REGION]);
    take_text(traits, "region", &a.value[ATTRIBUTE_REGION]);
    take_text(traits, "plan", &a.value[ATTRIBUTE_PLAN]);
    take_text(traits, "language", &a.value[ATTRIBUTE_LANGUAGE]);
    take_text(traits, "occupation", &a.value[ATTRIBUTE_OCCUPATION]);
    struct json_object *kids = json_member(traits, "kids");
    if (kids && json_object_is_type(kids, json_type_boolean))
        a.value[ATTRIBUTE_KIDS] = json_object_get_boolean(kids) ? STR("true") : STR("false");
    struct str created = json_member_text(traits, "createdAt");
    int64_t ms;
    if (created.n >= 10 && time_parse(created, &ms, NULL))
        a.value[ATTRIBUTE_SIGNUP] = (struct str){created.p, 10};
    attributes_write(&a, out);
}
