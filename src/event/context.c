#include "event/context.h"

static const char *const device_names[DEVICES] = {
    [DEVICE_NONE] = "",           [DEVICE_TV] = "tv",           [DEVICE_PHONE] = "phone",
    [DEVICE_TABLET] = "tablet",   [DEVICE_DESKTOP] = "desktop", [DEVICE_CONSOLE] = "console",
    [DEVICE_SET_TOP] = "set_top", [DEVICE_CAST] = "cast",       [DEVICE_OTHER] = "other",
};

static const char *const daypart_names[DAYPARTS] = {
    [DAYPART_NONE] = "",           [DAYPART_MORNING] = "morning", [DAYPART_DAYTIME] = "daytime",
    [DAYPART_EVENING] = "evening", [DAYPART_LATE] = "late",
};

enum { MINUTE_MS = 60000, DAY_MIN = 1440 };

const char *device_name(enum device d)
{
    return (unsigned)d < DEVICES ? device_names[d] : "";
}

bool device_from(struct str word, enum device *ret)
{
    for (int d = 0; d < DEVICES; d++) {
        if (str_eq_nocase(word, str_of(device_names[d]))) {
            *ret = (enum device)d;
            return true;
        }
    }
    return false;
}

const char *daypart_name(enum daypart d)
{
    return (unsigned)d < DAYPARTS ? daypart_names[d] : "";
}

/* Whole minutes since 1970 in local time, rounded down also before 1970. */
static int64_t local_minutes(int64_t at_ms, int16_t offset_min)
{
    int64_t minutes = at_ms / MINUTE_MS - (at_ms % MINUTE_MS < 0);
    return minutes + offset_min;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

enum daypart daypart_at(int64_t at_ms, int16_t offset_min)
{
    if (offset_min == OFFSET_NONE)
        return DAYPART_NONE;
    int64_t minutes = local_minutes(at_ms, offset_min);
    int64_t hour = (minutes - floor_div(minutes, DAY_MIN) * DAY_MIN) / 60;
    if (hour < 5 || hour >= 22)
        return DAYPART_LATE;
    if (hour < 10)
        return DAYPART_MORNING;
    return hour < 17 ? DAYPART_DAYTIME : DAYPART_EVENING;
}

bool weekend_at(int64_t at_ms, int16_t offset_min)
{
    if (offset_min == OFFSET_NONE)
        return false;
    int64_t day = floor_div(local_minutes(at_ms, offset_min), DAY_MIN);
    int64_t weekday = ((day + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday; 0 = Sunday */
    return weekday == 0 || weekday == 6;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool country_from(struct str word, country_code *ret)
{
    if (word.n == 0) {
        *ret = 0;
        return true;
    }
    if (word.n != 2 || !is_letter(word.p[0]) || !is_letter(word.p[1]))
        return false;
    /* Clearing bit 5 makes an ASCII letter a capital. */
    *ret = (country_code)(((word.p[0] & ~0x20) << 8) | (word.p[1] & ~0x20));
    return true;
}

void country_text(country_code c, char ret[3])
{
    ret[0] = c ? (char)(c >> 8) : '\0';
    ret[1] = c ? (char)(c & 0xff) : '\0';
    ret[2] = '\0';
}
