/* sources.h - what the sources send, and what is wrong with it (profile/source_watch.h): fed with every event that is
 * accepted live, asked by any thread. */
#ifndef MQ_ENGINE_SOURCES_H
#define MQ_ENGINE_SOURCES_H

#include "engine/engine.h"
#include "profile/source_watch.h"

/* Visits under a lock that the committer takes for each group: be short. Return false to stop. */
typedef bool source_alarm_visit(void *ctx, const struct source_alarm *a);
typedef bool source_stream_visit(void *ctx, const struct source_stream *s);

/* Alarms at now_ms, then streams; either function may be NULL. What was learnt is in memory only: when nothing came live
 * since the folder was opened, it is learnt from the log instead, from the newest SOURCES_REPLAYED events of the last week
 * before its newest one (there the log does not say which version of an app sent an event). MQ_NO_MEMORY, or a store error. */
int engine_sources(struct mq_engine *e, int64_t now_ms, source_alarm_visit *alarm,
                   source_stream_visit *stream, void *ctx, struct mq_error *err);
/* The same without the log: for what is asked often. */
void engine_live_sources(struct mq_engine *e, int64_t now_ms, source_alarm_visit *alarm, void *ctx);

enum { SOURCES_REPLAYED = 4 << 20 };

/* The committer's: events of a group that were added. */
void sources_apply(struct mq_engine *e, const struct event *events, const uint8_t *outcome,
                   size_t n);

#endif
