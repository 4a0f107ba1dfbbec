/* campaign_request.h - a title, the groups that it is put before, and what it leads with in each. */
#ifndef MQ_CATALOGUE_CAMPAIGN_REQUEST_H
#define MQ_CATALOGUE_CAMPAIGN_REQUEST_H

#include "base/str.h"
#include "event/context.h"

enum {
    CAMPAIGN_NAME_MAX = 48,
    CAMPAIGN_SEGMENTS_MAX = 10,
    CAMPAIGN_AUDIENCE_MAX = 1024, /* bytes of an expression */
    CAMPAIGN_LEAD_MAX = 256,
    CAMPAIGN_DAYS_MAX = 366,
};
#define CAMPAIGN_HOLDOUT_LEAST 0.05
#define CAMPAIGN_HOLDOUT_MOST 0.95

/* LEAD_DIRECTOR + enum role, as roles are ordered. */
enum lead_kind {
    LEAD_NONE, /* the title alone */
    LEAD_DIRECTOR,
    LEAD_ACTOR,
    LEAD_PRODUCER,
    LEAD_WRITER,
    LEAD_CREATOR,
    LEAD_GENRE,
    LEAD_TAG,
    LEAD_TITLE, /* one that it is like: its id */
    LEAD_KINDS
};

/* "director" ...; "none". */
const char *lead_kind_name(enum lead_kind k);
bool lead_kind_from(struct str word, enum lead_kind *ret);

struct campaign_segment {
    struct str audience; /* an expression (audience/expression.h) */
    enum lead_kind kind;
    struct str lead;    /* name; empty: a plan chooses */
    enum daypart hour;  /* lead at these hours alone; DAYPART_NONE: at all */
    enum device device; /* on this device alone; DEVICE_NONE: on all */
    double uplift;      /* share more that a plan expects to begin it; 0: none did */
    double anyway;      /* share that it expects to begin it without; 0: none did */
};

struct campaign_request {
    struct str name;  /* letters, digits, '-', '_' and '.'; may be empty for a plan */
    struct str title; /* id */
    double holdout;   /* share of the viewers who are shown nothing of it */
    unsigned days;    /* a plan looks so far ahead */
    unsigned floor;   /* smallest group; 0 = the usual */
    int64_t as_of_ms; /* of a plan: from what was known then; 0 = now */
    const struct campaign_segment *segments; /* (n) who fits several is of the first */
    size_t n;                                /* 0: a plan proposes some */
};

#endif
