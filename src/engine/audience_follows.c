/* audience_follows.c - following, judged on titles held out, and a viewer's evidence for it. */
#include "audience/follows_trial.h"
#include "engine/audiences.h"

static int take_person(const struct asked *x, const struct mq_follows_request *q,
                       struct follows_question *ret, const struct audience **ret_person,
                       struct mq_error *err)
{
    const struct audience *a;
    enum role role = ROLE_DIRECTOR;
    *ret_person = NULL;
    if (q->request.n_expressions == 0) {
        if (q->role && !role_from(str_of(q->role), &role))
            return mq_fail(err, MQ_INVALID,
                           "role: %s: is none of director, actor, producer, writer, creator",
                           q->role);
        ret->roles = 1U << role;
        return q->viewer ? mq_fail(err, MQ_INVALID, "viewer: %s: name a person too", q->viewer) : 0;
    }
    int rc = audiences_find(x, &q->request, &a, err);
    if (rc)
        return rc;
    if (a->op != EXPRESSION_ATOM || a->atom->signal != AUDIENCE_FOLLOWS || a->person == ID_NONE)
        return mq_fail(err, MQ_INVALID, "%s: give one person, as in follows:director=Name",
                       q->request.expressions[0]);
    ret->person = a->person;
    ret->roles =
        a->atom->kind == KIND_PERSON ? (1U << ROLES) - 1 : 1U << (a->atom->kind - KIND_DIRECTOR);
    *ret_person = a;
    return 0;
}

static int judge(struct mq_reader *r, const struct asked *x, const struct mq_follows_request *q,
                 struct mq_follows *ret, struct mq_error *err)
{
    const struct audience *person;
    struct follows_question question = {.person = ID_NONE,
                                        .seed = q->seed ? q->seed : 1,
                                        .progress = q->request.progress,
                                        .progress_ctx = q->request.progress_ctx};
    uint32_t viewer = INTERN_NONE;
    int rc = take_person(x, q, &question, &person, err);
    if (rc == 0 && q->viewer) {
        viewer = intern_find(store_names(r->engine->store, NAME_VIEWER), str_of(q->viewer));
        if (viewer == INTERN_NONE)
            rc = mq_fail(err, MQ_NOT_FOUND, "viewer: %s: never seen", q->viewer);
    }
    if (rc == 0)
        rc = follows_trial(x->world.sets, x->world.catalogue, &question, ret, err);
    if (rc == 0 && q->viewer) {
        ret->has_viewer = true;
        rc = follows_evidence(x->world.follows, x->world.sets, x->world.catalogue, viewer,
                              person->titles, person->n_titles, x->arena, &ret->viewer, err);
    }
    if (rc)
        return rc;
    ret->person = person ? person->label.p : NULL;
    ret->role = person ? audience_kind_name(person->atom->kind)
                       : role_name((enum role)__builtin_ctz(question.roles));
    ret->log_seq = x->log_seq;
    return 0;
}

int mq_audience_follows(struct mq_reader *r, const struct mq_follows_request *q,
                        struct mq_follows *ret, struct mq_error *err)
{
    struct asked x;
    struct mq_follows got;
    if (q->request.n_expressions > 1)
        return mq_fail(err, MQ_INVALID, "follows: %zu expressions: give one or none",
                       q->request.n_expressions);
    int rc = audiences_begin(r, &q->request, true, &x, err);
    if (rc)
        return rc;
    rc = judge(r, &x, q, &got, err);
    audiences_end(r);
    if (rc == 0)
        rc = audiences_audit(r->engine, "follows", &q->request, 0, err);
    if (rc == 0)
        *ret = got;
    return rc;
}
