/* jellyfin.h - one call of Jellyfin's webhook plugin (generic destination, "send all properties"): bytes -> struct event.
 *
 * Flat JSON, whatever its label says (text/plain). Text has its quotes escaped twice; numbers and truth values may
 * come as text. viewer = UserId, title = ItemId, session = PlaySessionId, else the device and the item; time =
 * UtcTimestamp, else now; 1 tick = 100 ns.
 *
 * PlaybackStart     start
 * PlaybackProgress  pause when IsPaused, else play. So a pause and its end are inferred where IsPaused changes, and a
 *                   seek where the position is one that playing does not explain (playback/session.h); what was
 *                   played between the last progress and the seek is lost.
 * PlaybackStop      complete when PlayedToCompletion, else stop
 * UserDataSaved     with SaveReason UpdateUserRating: Likes -> thumb 1 or -1, else Rating -> a rating of 10, else Favorite ->
 *                   list_add or list_remove; for any other reason kept as a custom event
 * any other         kept as a custom event of that name when it is somebody's
 *
 * Of the title it tells the sink: Name, ItemType, Year, RunTimeTicks, Genres ("a, b"), and of an episode SeriesName,
 * SeasonNumber, EpisodeNumber.
 *
 * Refused: no UserId; playback without ItemId or of an ItemType that is no video; whatever event_check refuses. */
#ifndef MQ_WIRE_JELLYFIN_H
#define MQ_WIRE_JELLYFIN_H

#include "wire/event_sink.h"

/* Text goes into the arena. MQ_INVALID: no JSON object. MQ_NO_MEMORY, or what the sink returned. */
int jellyfin_read(struct str body, int64_t now_ms, struct arena *arena,
                  const struct event_sink *sink, struct mq_error *err);

#endif
