using System.Text.Json.Nodes;
using Warren.Management.Hosting;
using Warren.Management.Routing;

namespace Warren.Management.OpenApi;

/// <summary>Describes the API to tools (OpenAPI 3.1), from the table that requests are answered by.</summary>
internal static class OpenApiDocument
{
    private const string Basic = "basic";

    private static readonly (string Status, string Name, string Text)[] Refusals =
    [
        ("400", "BadRequest", "The request makes no sense; the reason says why."),
        ("401", "NotAuthorised", "Nobody has logged in, or the user may not do this."),
        ("404", "NotFound", "There is nothing of that name."),
        ("406", "NotAcceptable", "Only JSON is answered."),
        ("503", "Unavailable", "Not now: a check has failed, publishers are blocked or the disk does not answer."),
    ];

    /// <summary>The document of all routes.</summary>
    public static JsonObject Of(ApiRoutes routes, string pathPrefix)
    {
        var paths = new JsonObject();
        foreach ((string path, ApiResource resource) in routes.All.OrderBy(static r => r.Path, StringComparer.Ordinal))
        {
            paths[path] = PathOf(path, resource);
        }

        string prefix = pathPrefix.Trim('/');
        return new JsonObject
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "Warren HTTP API",
                ["version"] = ManagementContext.ProductVersion,
                ["description"] = $"The HTTP API of RabbitMQ {ManagementContext.RabbitVersion} and what Warren adds to it.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = prefix.Length == 0 ? "/api" : $"/{prefix}/api" }),
            ["paths"] = paths,
            ["components"] = Components(),
        };
    }

    private static JsonObject PathOf(string path, ApiResource resource)
    {
        var item = new JsonObject();
        string[] parameters = [.. resource.Parameters.OfType<string>()];
        if (parameters.Length > 0)
        {
            item["parameters"] = new JsonArray([.. parameters.Select(static name => (JsonNode)new JsonObject
            {
                ["name"] = name,
                ["in"] = "path",
                ["required"] = true,
                ["schema"] = new JsonObject { ["type"] = "string" },
            })]);
        }

        foreach ((string method, Guard guard) in resource.Methods)
        {
            item[method.ToLowerInvariant()] = OperationOf(method, path, guard, parameters.Length > 0);
        }

        return item;
    }

    private static JsonObject OperationOf(string method, string path, Guard guard, bool hasParameters)
    {
        BodySchema? body = BodySchemas.Find(method, path);
        var operation = new JsonObject
        {
            ["operationId"] = $"{method.ToLowerInvariant()}{path.Replace("/", "_", StringComparison.Ordinal).Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal)}",
            ["tags"] = new JsonArray((JsonNode)path.Split('/')[1]),
            ["description"] = WhoMay(guard),
            ["x-guard"] = guard.ToString(),
            ["security"] = guard == Guard.None ? new JsonArray() : new JsonArray(new JsonObject { [Basic] = new JsonArray() }),
        };
        if (body is not null)
        {
            operation["requestBody"] = BodyOf(body);
        }

        var replies = new JsonObject();
        foreach (string status in Successes(method, body))
        {
            replies[status] = SuccessOf(status);
        }

        foreach ((string status, string name, _) in Refusals)
        {
            bool isPossible = (status != "401" || guard != Guard.None) && (status != "404" || hasParameters || body is not null);
            if (isPossible)
            {
                replies[status] = new JsonObject { ["$ref"] = $"#/components/responses/{name}" };
            }
        }

        operation["responses"] = replies;
        return operation;
    }

    private static string[] Successes(string method, BodySchema? body) => method switch
    {
        "GET" => ["200"],
        "PUT" => body is null ? ["204"] : ["201", "204"],
        "POST" when body is { Status: not 0 } => [$"{body.Status}"],
        _ => ["204"],
    };

    private static JsonObject SuccessOf(string status) => status switch
    {
        "200" => new JsonObject
        {
            ["description"] = "The answer.",
            ["content"] = new JsonObject { ["application/json"] = new JsonObject { ["schema"] = new JsonObject() } },
        },
        "201" => new JsonObject { ["description"] = "Something new was made." },
        _ => new JsonObject { ["description"] = "Done." },
    };

    private static JsonObject BodyOf(BodySchema body)
    {
        var properties = new JsonObject();
        var required = new JsonArray();
        foreach ((string declared, string type) in body.Fields)
        {
            string name = declared.TrimEnd('!');
            properties[name] = type.Length == 0 ? new JsonObject() : new JsonObject { ["type"] = type };
            if (declared.EndsWith('!'))
            {
                required.Add((JsonNode)name);
            }
        }

        bool isNeeded = required.Count > 0;
        var schema = new JsonObject { ["type"] = "object", ["properties"] = properties, ["additionalProperties"] = true };
        if (isNeeded)
        {
            schema["required"] = required;
        }

        return new JsonObject
        {
            ["required"] = isNeeded,
            ["content"] = new JsonObject { [body.MediaType] = new JsonObject { ["schema"] = schema } },
        };
    }

    private static JsonObject Components()
    {
        var responses = new JsonObject();
        foreach ((_, string name, string text) in Refusals)
        {
            responses[name] = new JsonObject
            {
                ["description"] = text,
                ["content"] = new JsonObject
                {
                    ["application/json"] = new JsonObject
                    {
                        ["schema"] = new JsonObject { ["$ref"] = "#/components/schemas/Error" },
                    },
                },
            };
        }

        return new JsonObject
        {
            ["securitySchemes"] = new JsonObject { [Basic] = new JsonObject { ["type"] = "http", ["scheme"] = "basic" } },
            ["schemas"] = new JsonObject
            {
                ["Error"] = new JsonObject
                {
                    ["type"] = "object",
                    ["properties"] = new JsonObject
                    {
                        ["error"] = new JsonObject { ["type"] = "string" },
                        ["reason"] = new JsonObject(),
                    },
                },
            },
            ["responses"] = responses,
        };
    }

    private static string WhoMay(Guard guard) => guard switch
    {
        Guard.None => "For everybody, without a login.",
        Guard.Any => "For users with the tag management, policymaker, monitoring or administrator.",
        Guard.VirtualHost => "For users who may enter the virtual host, and administrators.",
        Guard.VirtualHostVisible => "For users who may enter the virtual host, monitors and administrators.",
        Guard.Policies => "For policymakers who may enter the virtual host, and administrators.",
        Guard.GlobalParameters => "For policymakers and administrators.",
        Guard.Monitor => "For monitors and administrators.",
        _ => "For administrators.",
    };
}
