#include "cli/target.h"

#include <curl/curl.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"

enum { REPLY_MAX = 1 << 30 };

/* Does somebody listen there? */
static bool answers(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(a.sun_path))
        return false;
    memcpy(a.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool there = connect(fd, (const struct sockaddr *)&a, sizeof(a)) == 0;
    close(fd);
    return there;
}

static int open_folder(const char *dir, bool create, struct target *t, struct mq_error *err)
{
    struct mq_options options = {.must_exist = !create};
    int rc = mq_engine_open(dir, &options, &t->engine, err);
    if (rc == 0)
        rc = api_new(t->engine, &t->api, err);
    if (rc == 0)
        rc = api_worker_new(t->api, &t->worker, err);
    return rc;
}

int target_open(const char *dir, bool create, struct target *ret, struct mq_error *err)
{
    *ret = (struct target){0};
    buf_init(&ret->reply, REPLY_MAX);
    int n = snprintf(ret->socket, sizeof(ret->socket), "%s/marquee.sock", dir);
    if (n > 0 && (size_t)n < sizeof(ret->socket) && answers(ret->socket)) {
        ret->curl = curl_easy_init();
        return ret->curl ? 0
                         : mq_fail(err, MQ_NO_MEMORY, "%s: no memory for a client", ret->socket);
    }
    int rc = open_folder(dir, create, ret, err);
    if (rc)
        target_close(ret);
    return rc;
}

void target_close(struct target *t)
{
    api_worker_free(t->worker);
    api_free(t->api);
    mq_engine_close(t->engine);
    if (t->curl)
        curl_easy_cleanup(t->curl);
    buf_release(&t->reply);
    *t = (struct target){0};
}

/* The code whose HTTP status this is; several share 500, then the closest is MQ_IO. */
static enum mq_status status_from(const char *name, int http)
{
#define STATUS_BY_NAME(code, number, kind, h, doc)                                                 \
    if (name && strcmp(name, #code) == 0)                                                          \
        return code;
    MQ_STATUS_TABLE(STATUS_BY_NAME)
#undef STATUS_BY_NAME
    return http == 404 ? MQ_NOT_FOUND : http < 500 ? MQ_INVALID : MQ_IO;
}

static int problem(const struct buf *body, int http, struct mq_error *err)
{
    struct json_tokener *tokener = json_tokener_new();
    struct json_object *o = NULL;
    if (tokener)
        o = json_tokener_parse_ex(tokener, body->p ? body->p : "", (int)body->n);
    struct json_object *title = NULL;
    struct json_object *detail = NULL;
    json_object_object_get_ex(o, "title", &title);
    json_object_object_get_ex(o, "detail", &detail);
    const char *name = title ? json_object_get_string(title) : NULL;
    const char *text = detail ? json_object_get_string(detail) : NULL;
    int rc = text ? mq_fail(err, status_from(name, http), "%s", text)
                  : mq_fail(err, status_from(name, http), "server: answered with status %d", http);
    json_object_put(o);
    if (tokener)
        json_tokener_free(tokener);
    return rc;
}

static size_t receive(char *p, size_t size, size_t n, void *ctx)
{
    struct buf *b = ctx;
    buf_add(b, p, size * n);
    return b->failed ? 0 : size * n;
}

static int call_server(struct target *t, enum api_method method, const char *path, struct str body,
                       long *ret_status, struct mq_error *err)
{
    static const char *const methods[API_METHODS] = {"GET", "POST", "PUT", "DELETE", "PATCH"};
    CURL *c = t->curl;
    struct buf url;
    buf_init(&url, 1 << 20);
    buf_add_z(&url, "http://localhost");
    buf_add_z(&url, path);
    buf_add_char(&url, '\0');
    curl_easy_reset(c);
    curl_easy_setopt(c, CURLOPT_UNIX_SOCKET_PATH, t->socket);
    curl_easy_setopt(c, CURLOPT_URL, url.p);
    curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, methods[method]);
    curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(c, CURLOPT_WRITEDATA, &t->reply);
    curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
    struct curl_slist *headers = NULL;
    if (method == API_POST || method == API_PUT) {
        headers = curl_slist_append(headers, "Content-Type: application/json");
        headers = curl_slist_append(headers, "Expect:");
        curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE, (long)body.n);
        curl_easy_setopt(c, CURLOPT_POSTFIELDS, body.p ? body.p : "");
    }
    CURLcode code = url.failed ? CURLE_OUT_OF_MEMORY : curl_easy_perform(c);
    curl_slist_free_all(headers);
    buf_release(&url);
    if (code != CURLE_OK)
        return mq_fail(err, MQ_IO, "%s: %s: is the server still running?", t->socket,
                       curl_easy_strerror(code));
    curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, ret_status);
    return 0;
}

static void call_folder(struct target *t, enum api_method method, const char *path, struct str body,
                        long *ret_status)
{
    struct str query = str_of(path);
    struct str route = str_cut(&query, '?');
    struct api_request q = {.method = method,
                            .path = route,
                            .query = query.p ? query : STR_NONE,
                            .body = body,
                            .content_type = STR("application/json"),
                            .role = API_LOCAL};
    struct api_response r = {.body = t->reply};
    api_call(t->worker, &q, &r);
    t->reply = r.body;
    *ret_status = r.status;
}

int target_call(struct target *t, enum api_method method, const char *path, struct str body,
                struct mq_error *err)
{
    long status = 0;
    int rc = 0;
    buf_reset(&t->reply);
    if (target_is_server(t))
        rc = call_server(t, method, path, body, &status, err);
    else
        call_folder(t, method, path, body, &status);
    if (rc)
        return rc;
    return status >= 400 ? problem(&t->reply, (int)status, err) : 0;
}

void url_add(struct buf *b, const char *text)
{
    for (const unsigned char *p = (const unsigned char *)text; *p; p++) {
        bool plain = (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     (*p >= '0' && *p <= '9') || *p == '-' || *p == '_' || *p == '.' || *p == '~';
        if (plain)
            buf_add_char(b, (char)*p);
        else
            buf_printf(b, "%%%02X", *p);
    }
}
