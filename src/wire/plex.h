/* plex.h - one call of Plex's webhooks: bytes -> struct event.
 *
 * multipart/form-data with a part `payload` of JSON, and perhaps a picture; JSON alone is taken too. viewer =
 * Account.id, title = Metadata.ratingKey, else its guid; session = Player.uuid and the title. Plex says no time: it
 * is the arrival's. Positions are viewOffset (ms).
 *
 * media.play -> start, media.resume -> play, media.pause -> pause, media.stop -> stop; media.scrobble (90 % were played) ->
 * progress; media.rate -> a rating of 10 (userRating), nothing where it was taken back. Any other event is kept as a
 * custom one of that name. Plex tells of no seek and no position while playing: a jump shows at the next event.
 *
 * Of the title it tells the sink: title, type, year, duration, Genre, and of an episode grandparentTitle, parentIndex, index.
 *
 * Refused: no Account; a Metadata.type that is no video; whatever event_check refuses. */
#ifndef MQ_WIRE_PLEX_H
#define MQ_WIRE_PLEX_H

#include "wire/event_sink.h"

/* Text goes into the arena. MQ_INVALID: a body that breaks off, or is no JSON object; MQ_NOT_FOUND: no part `payload`;
 * MQ_NO_MEMORY, or what the sink returned. */
int plex_read(struct str content_type, struct str body, int64_t now_ms, struct arena *arena,
              const struct event_sink *sink, struct mq_error *err);

#endif
