/* small_service.h - an invented service in a temporary folder, for tests of the API without a network. */
#ifndef MQ_TEST_SMALL_SERVICE_H
#define MQ_TEST_SMALL_SERVICE_H

#include "http/api.h"

struct service {
    char dir[4096];
    struct mq_engine *engine;
    struct api *api;
    struct api_worker *worker;
    struct api_response response;
};

enum { SERVICE_TITLES = 30, SERVICE_VIEWERS = 40 };

/* 30 titles t0..t29 of two genres, 40 viewers v0..v39 of two tastes, and a model. */
void service_open(struct service *s);
void service_close(struct service *s);

/* One request as the given role; `path` with its query. Returns the status; the body is in s->response. */
int service_call(struct service *s, enum api_role role, enum api_method method, const char *path,
                 const char *body);

#endif
