using System.Text.Json.Nodes;

namespace Warren.Management.Routing;

/// <summary>A request that is refused: the status and the body <c>{"error":…,"reason":…}</c> that clients match on.</summary>
public sealed class ApiError : Exception
{
    /// <param name="status">The HTTP status.</param>
    /// <param name="error">The kind, such as <c>bad_request</c>.</param>
    /// <param name="reason">A text.</param>
    public ApiError(int status, string error, string reason)
        : this(status, error, JsonValue.Create(reason), reason)
    {
    }

    private ApiError(int status, string error, JsonNode reason, string text)
        : base(text)
    {
        Status = status;
        Error = error;
        Reason = reason;
    }

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>The kind.</summary>
    public string Error { get; }

    /// <summary>Why: a text, or an array where RabbitMQ prints a tuple.</summary>
    public JsonNode Reason { get; }

    /// <summary>400 with a text.</summary>
    public static ApiError BadRequest(string reason) => new(400, "bad_request", reason);

    /// <summary>400 with a tuple, such as <c>["not_boolean","yes"]</c>.</summary>
    public static ApiError BadRequest(string word, string about) =>
        new(400, "bad_request", new JsonArray(word, about), $"{word}: {about}");

    /// <summary>400: a member of the body is missing.</summary>
    public static ApiError KeyMissing(string key) => BadRequest($"[{{key_missing,{key}}}]");

    /// <summary>400: RabbitMQ's answer to a parameter or policy that does not fit.</summary>
    public static ApiError ValidationFailed(string text) => BadRequest($"Validation failed\n\n{text}\n");

    /// <summary>401: logged in, but not allowed.</summary>
    public static ApiError NotAuthorised(string reason) => new(401, "not_authorised", reason);

    /// <summary>401 of queues, exchanges and bindings the user has no permission for.</summary>
    public static ApiError AccessRefused() => NotAuthorised("Access refused.");

    /// <summary>503: the disk did not take it.</summary>
    public static ApiError NotStored() => new(503, "service_unavailable", "the definitions could not be stored");

    /// <summary>404 without explanation.</summary>
    public static ApiError NotFound() => new(404, "Object Not Found", "Not Found");

    /// <summary>404 with an explanation.</summary>
    public static ApiError NotFound(string reason) => new(404, "not_found", reason);
}
