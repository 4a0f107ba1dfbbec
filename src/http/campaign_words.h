/* campaign_words.h - what campaigns' routes take and answer, in the words of the document (routes.c). Inside http/ only. */
#ifndef MQ_HTTP_CAMPAIGN_WORDS_H
#define MQ_HTTP_CAMPAIGN_WORDS_H

#define CAMPAIGN_BODY                                                                              \
    "{name, title, holdout, days, floor, segments: [an expression, or {audience, lead: {kind, "    \
    "name}, hour, device}]}: title alone for a plan; or a plan's answer"
#define CAMPAIGN_PLAN                                                                              \
    "{title, name, words, basis, segments: [{audience, verdict, why, uplift, uplift_low, "         \
    "uplift_high, anyway, viewers, new_viewers, more_viewers, lead, lead_text, hour, device}], "   \
    "not_target: [{audience, verdict, why, viewers}], campaign}"
#define CAMPAIGN_LIST                                                                              \
    "{campaigns: [{name, state, title, holdout, floor, launched_ms, stopped_ms, segments: "        \
    "[{audience, lead, lead_text, hour, device}]}]}"
#define CAMPAIGN_READING                                                                           \
    "{name, state, verdict, words, sample_ratio_p, broken, arms: [{arm, viewers, seen, shown, "    \
    "watched, valued}], watched: {held_out, led_to, difference, low, high, anytime_low, "          \
    "anytime_high, p}, valued, other_titles_valued, segments}"

#endif
