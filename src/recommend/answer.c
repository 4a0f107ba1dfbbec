/* answer.c - what all answers have in common: the id that names everything that went in. */
#include "base/hash.h"
#include "recommend/home.h"

static void add_question(struct buf *b, const struct recommender *r, char kind)
{
    const struct ask *ask = r->ask;
    const struct model *m = r->w->model;
    buf_add_char(b, kind);
    buf_add_lenstr(b, ask && ask->viewer ? str_of(ask->viewer) : STR_NONE);
    buf_add_svarint(b, ask ? ask->at_ms : 0);
    buf_add_svarint(b, r->context.offset_min);
    buf_add_u8(b, r->context.device);
    buf_add_varint(b, r->context.country);
    buf_add_lenstr(b, r->context.region);
    buf_add_lenstr(b, r->context.mood);
    buf_add_u8(b, (uint8_t)((ask && ask->no_context) | (ask && ask->no_profiling) << 1));
    buf_add_varint(b, m ? m->facts.version : 0);
    buf_add_varint(b, ask ? ask->log_seq : 0);
    buf_add_varint(b, r->w->catalogue->version);
    buf_add_u64(b, ask && ask->rules ? ask->rules->hash : 0);
    buf_add_u64(b, ask && ask->mood ? hash_str(str_of(ask->mood), 1) : 0);
}

void answer_id(struct recommender *r, char kind, const struct placed *const *placed,
               const size_t *n, size_t rows, char ret[33])
{
    static const char digits[] = "0123456789abcdef";
    size_t items = 0, text = r->context.region.n + r->context.mood.n;
    text += r->ask && r->ask->viewer ? strlen(r->ask->viewer) : 0;
    for (size_t i = 0; i < rows; i++)
        items += n[i] + 2;
    size_t size = 256 + text + 4 * items;
    struct buf b;
    memset(ret, 0, 33);
    char *storage = arena_alloc(&r->arena, size);
    if (!storage)
        return;
    buf_over(&b, storage, size);
    add_question(&b, r, kind);
    for (size_t i = 0; i < rows; i++) {
        buf_add_u32(&b, (uint32_t)n[i]);
        for (size_t k = 0; k < n[i]; k++)
            buf_add_u32(&b, placed[i][k].title);
    }
    struct hash128 h = hash128(b.p, b.n);
    for (unsigned i = 0; i < 16; i++) {
        ret[i] = digits[h.hi >> (60 - 4 * i) & 15];
        ret[16 + i] = digits[h.lo >> (60 - 4 * i) & 15];
    }
}

struct mq_context context_understood(struct recommender *r)
{
    const struct context *c = &r->context;
    bool local = c->offset_min != OFFSET_NONE;
    struct words country, region;
    char letters[3] = "";
    country_text(c->country, letters);
    words_init(&country);
    buf_add_z(&country.b, letters);
    words_init(&region);
    buf_add_str(&region.b, c->region);
    return (struct mq_context){
        .daypart = local ? daypart_name(daypart_at(r->ask->at_ms, c->offset_min)) : "",
        .device = device_name((enum device)c->device),
        .country = words_keep(r, &country),
        .region = words_keep(r, &region),
        .weekend = local && weekend_at(r->ask->at_ms, c->offset_min),
        .has_local_time = local,
    };
}
