using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Warren.Buffers.Fields;
using Warren.Core.Messages;
using Warren.Core.Queues;
using Warren.Management.Routing;
using Warren.Management.Views;

namespace Warren.Management.Messages;

/// <summary>Which messages of a queue an operator means. All conditions given have to hold.</summary>
/// <remarks>Not thread-safe: one for each request.</remarks>
internal sealed class MessageFilter
{
    private const int LargestJson = 10 * 1024 * 1024; // bytes of a body that is parsed

    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(100);

    private readonly List<(byte[] Name, string? Value)> _headers = [];
    private readonly HashSet<long> _ids = [];
    private Regex? _routingKey;
    private string? _exchange;
    private byte[]? _text;
    private string? _jsonPath;
    private string? _jsonValue;
    private long _minSize;
    private long _maxSize = long.MaxValue;
    private long _publishedBeforeMs = long.MaxValue;
    private long _publishedAfterMs = long.MinValue;
    private bool? _unacked;
    private bool? _redelivered;

    private MessageFilter()
    {
    }

    /// <summary>Whether it means every message there is.</summary>
    public bool IsEmpty { get; private set; } = true;

    /// <summary>Whether it means messages that are delivered and not acknowledged, ready ones not.</summary>
    public bool OnlyUnacked => _unacked == true;

    /// <summary>Reads the conditions of a query.</summary>
    /// <exception cref="ApiError">400: one makes no sense.</exception>
    public static MessageFilter OfQuery(ApiRequest request, long nowMs)
    {
        var filter = new MessageFilter();
        foreach (KeyValuePair<string, Microsoft.Extensions.Primitives.StringValues> parameter in request.Http.Request.Query)
        {
            foreach (string? value in parameter.Value)
            {
                filter.TryAdd(parameter.Key, value ?? "", nowMs);
            }
        }

        return filter;
    }

    /// <summary>Reads the member <c>filter</c> of a body: the same names, with <c>headers</c> and <c>ids</c> besides.</summary>
    /// <exception cref="ApiError">400: one makes no sense, or is not known.</exception>
    public static MessageFilter OfBody(RequestBody body, long nowMs)
    {
        var filter = new MessageFilter();
        if (body.Find("filter") is not { } conditions)
        {
            return filter;
        }

        if (conditions.ValueKind != JsonValueKind.Object)
        {
            throw ApiError.BadRequest("filter is no object");
        }

        foreach (JsonProperty condition in conditions.EnumerateObject())
        {
            switch (condition.Value.ValueKind)
            {
                case JsonValueKind.Object when condition.Name == "headers":
                    foreach (JsonProperty header in condition.Value.EnumerateObject())
                    {
                        filter.AddHeader(header.Name, header.Value.ValueKind == JsonValueKind.Null ? null : TextOf(header.Value));
                    }

                    break;
                case JsonValueKind.Array when condition.Name == "ids":
                    foreach (JsonElement id in condition.Value.EnumerateArray())
                    {
                        filter.TryAdd("id", TextOf(id), nowMs);
                    }

                    break;
                default:
                    // a misspelt condition must not make a filter that means more than was meant
                    if (!filter.TryAdd(condition.Name, TextOf(condition.Value), nowMs))
                    {
                        throw ApiError.BadRequest("unknown filter", condition.Name);
                    }

                    break;
            }
        }

        return filter;
    }

    /// <summary>Whether a message is meant.</summary>
    public bool Matches(in BrowsedMessage browsed, MessageFormat? format)
    {
        Message message = browsed.Message;
        return (_ids.Count == 0 || _ids.Contains(browsed.EntryId))
            && (_unacked is not { } unacked || unacked == browsed.IsUnacked)
            && (_redelivered is not { } redelivered || redelivered == browsed.Redelivered)
            && message.BodyLength >= _minSize
            && message.BodyLength <= _maxSize
            && message.PublishedAtMs <= _publishedBeforeMs
            && message.PublishedAtMs >= _publishedAfterMs
            && (_exchange is null || Encoding.UTF8.GetString(message.Exchange) == _exchange)
            && (_routingKey is null || MatchesKey(message))
            && (_text is null || message.Body.IndexOf(_text) >= 0)
            && _headers.TrueForAll(h => MatchesHeader(new Message(message.Payload), format, h))
            && (_jsonPath is null || MatchesJson(message));
    }

    private static string TextOf(JsonElement value) =>
        value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private bool TryAdd(string name, string value, long nowMs)
    {
        switch (name)
        {
            case "id":
                _ids.Add(Number(name, value));
                break;
            case "state":
                _unacked = value switch
                {
                    "ready" => false,
                    "unacked" => true,
                    "all" => null,
                    _ => throw ApiError.BadRequest("state is not ready, unacked or all", value),
                };
                break;
            case "redelivered":
                _redelivered = value == "true";
                break;
            case "header":
                int colon = value.IndexOf(':', StringComparison.Ordinal);
                AddHeader(colon < 0 ? value : value[..colon], colon < 0 ? null : value[(colon + 1)..]);
                break;
            case "routing_key":
                _routingKey = Pattern(value);
                break;
            case "exchange":
                _exchange = value == "amq.default" ? "" : value;
                break;
            case "text":
                _text = Encoding.UTF8.GetBytes(value);
                break;
            case "json_path":
                _jsonPath = value;
                break;
            case "json_value":
                _jsonValue = value;
                break;
            case "min_size":
                _minSize = Number(name, value);
                break;
            case "max_size":
                _maxSize = Number(name, value);
                break;
            case "older_than":
                _publishedBeforeMs = nowMs - (Number(name, value) * 1000);
                break;
            case "younger_than":
                _publishedAfterMs = nowMs - (Number(name, value) * 1000);
                break;
            default:
                return false;
        }

        IsEmpty = false;
        return true;
    }

    private void AddHeader(string name, string? value)
    {
        _headers.Add((Encoding.UTF8.GetBytes(name), value));
        IsEmpty = false;
    }

    private static long Number(string name, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < long.MaxValue / 2000
            ? number
            : throw ApiError.BadRequest("not_integer", $"{name}: {text}");

    // As a topic exchange reads binding keys.
    private static Regex Pattern(string key)
    {
        string expression = Regex.Escape(key)
            .Replace(@"\*", @"[^.]+", StringComparison.Ordinal)
            .Replace(@"\.\#", @"(\..*)?", StringComparison.Ordinal)
            .Replace(@"\#\.", @"(.*\.)?", StringComparison.Ordinal)
            .Replace(@"\#", ".*", StringComparison.Ordinal);
        return new Regex($@"\A(?:{expression})\z", RegexOptions.NonBacktracking | RegexOptions.Singleline, MatchLimit);
    }

    private bool MatchesKey(Message message)
    {
        try
        {
            return _routingKey!.IsMatch(Encoding.UTF8.GetString(message.RoutingKey));
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private static bool MatchesHeader(Message message, MessageFormat? format, (byte[] Name, string? Value) header)
    {
        if (format is null || !format.TryFindHeader(message.Properties, header.Name, out FieldValue value))
        {
            return false;
        }

        return header.Value is null || TextOf(value) == header.Value;
    }

    private static string TextOf(FieldValue value)
    {
        var table = new FieldTable(1);
        table.Add("", value);
        JsonNode? json = FieldJson.Of(table)[""];
        return json is JsonValue text && text.GetValueKind() == JsonValueKind.String
            ? text.GetValue<string>()
            : json?.ToJsonString() ?? "null";
    }

    private bool MatchesJson(Message message)
    {
        if (message.BodyLength > LargestJson)
        {
            return false;
        }

        var reader = new Utf8JsonReader(message.Body);
        try
        {
            using JsonDocument document = JsonDocument.ParseValue(ref reader);
            return JsonPath.TryFind(document.RootElement, _jsonPath!, out JsonElement found)
                && (_jsonValue is null || TextOf(found) == _jsonValue);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
