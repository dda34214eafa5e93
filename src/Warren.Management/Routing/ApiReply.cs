using System.Text.Json;
using System.Text.Json.Nodes;
using Warren.Management.Listing;

namespace Warren.Management.Routing;

/// <summary>An answer: a status and perhaps a body, which is written when the headers are.</summary>
public sealed class ApiReply
{
    private readonly Func<ApiRequest, Stream, Task>? _write;

    private ApiReply(int status, Func<ApiRequest, Stream, Task>? write = null)
    {
        Status = status;
        _write = write;
    }

    /// <summary>201 without a body.</summary>
    public static ApiReply Created { get; } = new(201);

    /// <summary>204.</summary>
    public static ApiReply NoContent { get; } = new(204);

    /// <summary>The HTTP status.</summary>
    public int Status { get; }

    /// <summary>Whether there is a body.</summary>
    public bool HasBody => _write is not null;

    /// <summary>The media type of the body.</summary>
    public string ContentType { get; private init; } = "application/json";

    /// <summary>Further headers.</summary>
    public IReadOnlyList<(string Name, string Value)> Headers { get; private init; } = [];

    /// <summary>201 when something new was made, else 204.</summary>
    public static ApiReply Put(bool created) => created ? Created : NoContent;

    /// <summary>204 when there was something to delete, else 404.</summary>
    public static ApiReply Deleted(bool found) => found ? NoContent : throw ApiError.NotFound();

    /// <summary>JSON; of an object only the columns asked for.</summary>
    public static ApiReply Json(JsonNode? body, int status = 200) => new(status, async (request, stream) =>
    {
        JsonNode? shown = body is JsonObject whole && request.Columns is { } columns ? columns.Project(whole) : body;
        var writer = new Utf8JsonWriter(stream, JsonText.WriterOptions);
        await using (writer)
        {
            JsonText.Write(writer, shown);
        }
    });

    /// <summary>A list: filtered, sorted, paged and cut to columns as the query asks.</summary>
    /// <exception cref="ApiError">400: the page makes no sense.</exception>
    public static ApiReply List<T>(ApiRequest request, IEnumerable<T> items, ItemListing<T> listing)
    {
        ArgumentNullException.ThrowIfNull(listing);
        ListedPage<T> page = listing.Select(items, ListQuery.Of(request));
        return new ApiReply(200, (_, stream) => page.WriteAsync(stream));
    }

    /// <summary>Text of any media type.</summary>
    public static ApiReply Text(string body, string contentType) =>
        new(200, (_, stream) => stream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(body)).AsTask()) { ContentType = contentType };

    /// <summary>A body written by the caller.</summary>
    public static ApiReply Stream(string contentType, Func<ApiRequest, Stream, Task> write) => new(200, write) { ContentType = contentType };

    /// <summary>The same with one more header.</summary>
    public ApiReply With(string header, string value) =>
        new(Status, _write) { ContentType = ContentType, Headers = [.. Headers, (header, value)] };

    internal Task WriteAsync(ApiRequest request, Stream stream) => _write is null ? Task.CompletedTask : _write(request, stream);
}
