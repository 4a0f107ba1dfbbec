/* name_grammar.c - names of invented titles and people. Surnames are put together from syllables, so that
 * they are hardly anyone's. */
#include "sim/sim_world.h"

static const char *const adjectives[] = {
    "Silent",   "Hollow",    "Crooked",   "Golden",     "Frozen", "Burning",  "Distant",
    "Hidden",   "Broken",    "Restless",  "Velvet",     "Paper",  "Iron",     "Crimson",
    "Quiet",    "Wandering", "Second",    "Borrowed",   "Bitter", "Northern", "Electric",
    "Sleeping", "Invisible", "Reluctant", "Unfinished", "Copper", "Salt",     "Winter",
    "Midnight", "Forgotten", "Gentle",    "Honest",     "Wild",   "Patient",  "Stolen",
    "Narrow",   "Emerald",   "Faithful",  "Rusted",     "Tender",
};
static const char *const nouns[] = {
    "Harbour",    "Lantern",   "Orchard",   "Signal",      "Witness",   "Cathedral", "Meridian",
    "Garden",     "Archive",   "Ferry",     "Sparrow",     "Parade",    "Letter",    "Island",
    "Clockmaker", "Theorem",   "Station",   "Bridge",      "Carousel",  "Labyrinth", "Voyage",
    "Kingdom",    "Verdict",   "Reservoir", "Compass",     "Festival",  "Neighbour", "Mirror",
    "Outpost",    "Alphabet",  "Tenant",    "Whistle",     "Vineyard",  "Passenger", "Quarry",
    "Lighthouse", "Chorus",    "Promise",   "Inheritance", "Beekeeper", "Foxes",     "Tides",
    "Shadows",    "Strangers", "Ashes",     "Thieves",     "Echoes",    "Sisters",   "Engines",
    "Rivers",     "Ghosts",    "Seasons",   "Saints",      "Maps",      "Debts",     "Wolves",
};
static const char *const places[] = {
    "Marrow Bay",   "Ostend Street",  "Velm",         "Carrick Point", "Lower Asher",
    "Tallow Hill",  "Port Saville",   "Brightwater",  "Kestrel Lane",  "Old Harrow",
    "Dunmere",      "Saint Orla",     "Fallow Creek", "New Anselm",    "Greywick",
    "Halcyon Road", "the Ninth Ward", "Winterbourne", "Corvo",         "Long Meadow",
};
static const char *const given[] = {
    "Ada",     "Bruno", "Celia",  "Darius", "Edda",  "Felix",  "Greta", "Hugo",   "Ines",
    "Jonas",   "Kaya",  "Leon",   "Mara",   "Nils",  "Odile",  "Pavel", "Quinn",  "Rosa",
    "Stefan",  "Tessa", "Ulla",   "Viktor", "Wanda", "Yusuf",  "Zora",  "Amir",   "Beatrix",
    "Cyrus",   "Dalia", "Emil",   "Farida", "Goran", "Hana",   "Isaac", "Jamila", "Kenji",
    "Lucia",   "Milo",  "Nadia",  "Oskar",  "Priya", "Rafael", "Selma", "Tomas",  "Uma",
    "Valerie", "Wim",   "Ximena", "Yara",   "Zeno",
};
static const char *const heads[] = {
    "Vel", "Ost",  "Bran", "Cor", "Dal", "Els", "Far", "Gren", "Hol",
    "Ing", "Jar",  "Kest", "Lor", "Mar", "Nor", "Orl", "Pell", "Quill",
    "Ras", "Sten", "Tav",  "Und", "Var", "Wex", "Yor", "Zell",
};
static const char *const middles[] = {
    "a", "e", "i", "o", "an", "en", "er", "in", "or", "un", "al", "ib", "ov", "esk", "ar",
};
static const char *const tails[] = {
    "berg", "din",  "fort", "gard", "ka",   "lund", "mar", "nik",  "quist", "row",  "ski",   "ton",
    "vale", "wick", "zen",  "thal", "meer", "dahl", "rin", "sova", "tti",   "bury", "croft", "mond",
};

#define PICK(r, list) ((list)[rng_below((r), sizeof(list) / sizeof((list)[0]))])

void name_title(struct rng *r, struct buf *out)
{
    switch (rng_below(r, 7)) {
    case 0:
        buf_printf(out, "The %s %s", PICK(r, adjectives), PICK(r, nouns));
        return;
    case 1:
        buf_printf(out, "%s %s", PICK(r, adjectives), PICK(r, nouns));
        return;
    case 2:
        buf_printf(out, "%s of %s", PICK(r, nouns), PICK(r, places));
        return;
    case 3:
        buf_printf(out, "The %s of %s", PICK(r, nouns), PICK(r, places));
        return;
    case 4:
        buf_printf(out, "%s and %s", PICK(r, nouns), PICK(r, nouns));
        return;
    case 5:
        buf_printf(out, "The %s %s of %s", PICK(r, adjectives), PICK(r, nouns), PICK(r, places));
        return;
    default:
        buf_printf(out, "%s, the %s %s", PICK(r, given), PICK(r, adjectives), PICK(r, nouns));
        return;
    }
}

void name_person(struct rng *r, struct buf *out)
{
    buf_printf(out, "%s %s%s%s", PICK(r, given), PICK(r, heads), PICK(r, middles), PICK(r, tails));
    if (rng_below(r, 4) == 0) /* a second surname: more names than any catalogue has people */
        buf_printf(out, " %s%s", PICK(r, heads), PICK(r, tails));
}
