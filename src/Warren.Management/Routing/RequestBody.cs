using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Warren.Management.Routing;

/// <summary>The JSON object a request brings, read as leniently as RabbitMQ reads it.</summary>
public sealed class RequestBody
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    /// <summary>An object that is part of a larger one.</summary>
    public RequestBody(JsonElement root) => Root = root;

    /// <summary>The object.</summary>
    public JsonElement Root { get; }

    /// <summary>Reads the body of a request.</summary>
    /// <exception cref="ApiError">400: it is not JSON or no object.</exception>
    /// <exception cref="BadHttpRequestException">It is too large or does not arrive.</exception>
    public static async ValueTask<RequestBody> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes, cancellationToken);
        return Parse(bytes.GetBuffer().AsMemory(0, (int)bytes.Length), "not_json");
    }

    /// <summary>Reads JSON text.</summary>
    /// <param name="utf8">The text; a byte order mark is passed over.</param>
    /// <param name="error">The word of the refusal when it is not JSON.</param>
    /// <exception cref="ApiError">400.</exception>
    public static RequestBody Parse(ReadOnlyMemory<byte> utf8, string error)
    {
        ReadOnlyMemory<byte> text = utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
        if (text.Span.Trim(" \t\r\n"u8) is var bare && (bare.IsEmpty || bare.SequenceEqual("null"u8) || bare.SequenceEqual("undefined"u8)))
        {
            return new RequestBody(Clone("{}"u8.ToArray()));
        }

        JsonElement root;
        try
        {
            root = Clone(text);
            ReadTexts(text.Span);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ApiError(400, "bad_request", error);
        }

        return root.ValueKind switch
        {
            JsonValueKind.Object => new RequestBody(root),
            JsonValueKind.String => throw ApiError.BadRequest("The body is a JSON string: was it encoded twice?"),
            _ => throw ApiError.BadRequest("not_json"),
        };
    }

    /// <summary>A member; null: it is not there or null.</summary>
    public JsonElement? Find(string name) =>
        Root.TryGetProperty(name, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A member that has to be there.</summary>
    /// <exception cref="ApiError">400: key_missing.</exception>
    public JsonElement Require(string name) => Find(name) ?? throw ApiError.KeyMissing(name);

    /// <summary>Names members that have to be there, all that are missing at once.</summary>
    /// <exception cref="ApiError">400: key_missing.</exception>
    public void RequireAll(params ReadOnlySpan<string> names)
    {
        var missing = new StringBuilder();
        foreach (string name in names)
        {
            if (Find(name) is null)
            {
                missing.Append(missing.Length == 0 ? "" : ",").Append("{key_missing,").Append(name).Append('}');
            }
        }

        if (missing.Length > 0)
        {
            throw ApiError.BadRequest($"[{missing}]");
        }
    }

    /// <summary>A text; null: it is not there.</summary>
    /// <exception cref="ApiError">400: not_string.</exception>
    public string? Text(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.String } value => value.GetString(),
        { } value => throw ApiError.BadRequest("not_string", value.GetRawText()),
    };

    /// <summary>A text that has to be there.</summary>
    /// <exception cref="ApiError">400.</exception>
    public string RequireText(string name) => Text(name) ?? throw ApiError.KeyMissing(name);

    /// <summary>A switch, also as the text of one.</summary>
    /// <exception cref="ApiError">400: not_boolean.</exception>
    public bool Flag(string name, bool otherwise = false) => Find(name) switch
    {
        null => otherwise,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.String } value when value.GetString() is "true" or "false" => value.GetString() is "true",
        { ValueKind: JsonValueKind.String } value => throw ApiError.BadRequest("not_boolean", value.GetString()!),
        { } value => throw ApiError.BadRequest("not_boolean", value.GetRawText()),
    };

    /// <summary>A whole number, also as the text of one; null: it is not there.</summary>
    /// <exception cref="ApiError">400: not_integer.</exception>
    public long? Number(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.Number } value when value.TryGetInt64(out long number) => number,
        { ValueKind: JsonValueKind.String } value when long.TryParse(value.GetString(), out long number) => number,
        { ValueKind: JsonValueKind.String } value => throw ApiError.BadRequest("not_integer", value.GetString()!),
        { } value => throw ApiError.BadRequest("not_integer", value.GetRawText()),
    };

    // Whether a text is one at all, half of a surrogate pair for example is not, is found out when it is read: here, where
    // it can be refused.
    private static void ReadTexts(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.Contains((byte)'\\') && Ascii.IsValid(utf8))
        {
            return;
        }

        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = Options.MaxDepth });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                reader.GetString();
            }
        }
    }

    private static JsonElement Clone(ReadOnlyMemory<byte> text)
    {
        using JsonDocument document = JsonDocument.Parse(text, Options);
        return document.RootElement.Clone();
    }
}
