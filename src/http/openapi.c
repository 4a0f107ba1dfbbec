/* openapi.c - the table of routes as an OpenAPI 3.1 document. */
#include "http/routes.h"
#include "marquee.h"

static const char *const method_keys[API_METHODS] = {"get", "post", "put", "delete", "patch"};

static const char *type_of(enum parameter_type t)
{
    if (t == PARAMETER_NUMBER)
        return "integer";
    return t == PARAMETER_FLAG ? "boolean" : "string";
}

static void write_parameter(struct json *j, struct str name, const char *in, const char *type,
                            const char *about)
{
    json_object(j);
    json_kv_str(j, "name", name);
    json_kv_z(j, "in", in);
    json_kv_bool(j, "required", in[0] == 'p');
    if (about)
        json_kv_z(j, "description", about);
    json_key(j, STR("schema"));
    json_object(j);
    json_kv_z(j, "type", type);
    json_object_end(j);
    json_object_end(j);
}

static void write_parameters(struct json *j, const struct route *r)
{
    json_key(j, STR("parameters"));
    json_array(j);
    struct str rest = str_of(r->pattern);
    while (rest.p) {
        struct str part = str_cut(&rest, '/');
        if (part.n > 0 && part.p[0] == '{')
            write_parameter(j, (struct str){part.p + 1, str_find(part, '}') - 1}, "path", "string",
                            NULL);
    }
    for (const struct parameter *p = r->parameters; p && p->name; p++)
        write_parameter(j, str_of(p->name), "query", type_of(p->type), p->about);
    json_array_end(j);
}

static void write_content(struct json *j, const char *type)
{
    struct str media = str_of(type);
    media = str_cut(&media, ';');
    json_key(j, STR("content"));
    json_object(j);
    json_key(j, media);
    json_object(j);
    json_object_end(j);
    json_object_end(j);
}

static void write_answers(struct json *j, const struct route *r)
{
    json_key(j, STR("responses"));
    json_object(j);
    json_key(j, r->run == route_key_create ? STR("201") : STR("200"));
    json_object(j);
    json_kv_z(j, "description", r->answer);
    write_content(j, r->content_type ? r->content_type : "application/json");
    json_object_end(j);
    json_key(j, STR("default"));
    json_object(j);
    json_kv_z(j, "$ref", "#/components/responses/problem");
    json_object_end(j);
    json_object_end(j);
}

static void write_security(struct json *j, const struct route *r)
{
    json_key(j, STR("security"));
    json_array(j);
    if (r->role != API_NOBODY) {
        json_object(j);
        json_key(j, STR("key"));
        json_array(j);
        json_array_end(j);
        json_object_end(j);
    }
    json_array_end(j);
}

static void write_operation(struct json *j, const struct route *r)
{
    json_key(j, str_of(method_keys[r->method]));
    json_object(j);
    json_kv_z(j, "operationId", r->id);
    json_kv_z(j, "summary", r->summary);
    json_kv_z(j, "x-role", api_role_name(r->role));
    write_security(j, r);
    write_parameters(j, r);
    if (r->body) {
        json_key(j, STR("requestBody"));
        json_object(j);
        json_kv_z(j, "description", r->body);
        write_content(j, "application/json");
        json_object_end(j);
    }
    write_answers(j, r);
    json_object_end(j);
}

static void write_paths(struct json *j)
{
    json_key(j, STR("paths"));
    json_object(j);
    for (size_t i = 0; i < route_count(); i++) {
        struct str pattern = str_of(route_at(i)->pattern);
        bool earlier = false;
        for (size_t k = 0; k < i && !earlier; k++)
            earlier = str_eq(pattern, str_of(route_at(k)->pattern));
        if (earlier)
            continue;
        json_key(j, pattern);
        json_object(j);
        for (size_t k = i; k < route_count(); k++) {
            if (str_eq(pattern, str_of(route_at(k)->pattern)))
                write_operation(j, route_at(k));
        }
        json_object_end(j);
    }
    json_object_end(j);
}

static void write_problem(struct json *j)
{
    static const char *const texts[] = {"type", "title", "detail", "remedy", "instance"};
    json_key(j, STR("problem"));
    json_object(j);
    json_kv_z(j, "description", "Problem details (RFC 9457): title is the code, remedy what to do");
    json_key(j, STR("content"));
    json_object(j);
    json_key(j, STR("application/problem+json"));
    json_object(j);
    json_key(j, STR("schema"));
    json_object(j);
    json_kv_z(j, "type", "object");
    json_key(j, STR("properties"));
    json_object(j);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        json_key(j, str_of(texts[i]));
        json_object(j);
        json_kv_z(j, "type", "string");
        json_object_end(j);
    }
    json_key(j, STR("status"));
    json_object(j);
    json_kv_z(j, "type", "integer");
    json_object_end(j);
    for (int i = 0; i < 5; i++)
        json_object_end(j);
}

void openapi_write(struct json *j)
{
    json_object(j);
    json_kv_z(j, "openapi", "3.1.0");
    json_key(j, STR("info"));
    json_object(j);
    json_kv_z(j, "title", "Marquee");
    json_kv_z(j, "version", mq_version());
    json_kv_z(j, "description",
              "Hyper-personalization for video services. x-role is the role a key needs.");
    json_object_end(j);
    write_paths(j);
    json_key(j, STR("components"));
    json_object(j);
    json_key(j, STR("securitySchemes"));
    json_object(j);
    json_key(j, STR("key"));
    json_object(j);
    json_kv_z(j, "type", "http");
    json_kv_z(j, "scheme", "bearer");
    json_object_end(j);
    json_object_end(j);
    json_key(j, STR("responses"));
    json_object(j);
    write_problem(j);
    json_object_end(j);
    json_object_end(j);
    json_object_end(j);
}
