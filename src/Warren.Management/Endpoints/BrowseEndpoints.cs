using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Warren.Core;
using Warren.Core.Queues;
using Warren.Management.Messages;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary><c>GET /queues/{vhost}/{name}/messages</c>: looks into a queue and leaves it as it is.</summary>
internal static class BrowseEndpoints
{
    private const int UsualPage = 50;
    private const int LargestPage = 500;
    private const long UsualTruncate = 50_000;
    private const long MostBytes = 32 * 1024 * 1024; // of payloads in one answer
    private const long MostLookedAt = 1_000_000;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    public static void Map(ApiRoutes routes) =>
        routes.At("/queues/{vhost}/{name}/messages").Get(Guard.VirtualHost, Browse);

    private static ApiReply Browse(ApiRequest request)
    {
        MessageQueue queue = request.Queue();
        request.VirtualHost.CheckRead(request.User, queue);
        long nowMs = request.Broker.Time.GetUtcNow().ToUnixTimeMilliseconds();
        MessageFilter filter = MessageFilter.OfQuery(request, nowMs);
        long size = Number(request, "page_size", UsualPage, 1, LargestPage);
        long page = Number(request, "page", 1, 1, int.MaxValue);
        long position = Number(request, "position", 0, 0, long.MaxValue);
        bool mayBeText = request.Query("encoding") != "base64";
        long truncate = Number(request, "truncate", UsualTruncate, 0, int.MaxValue);
        QueueBrowser browser = queue.Browse();
        long skipMatches = (page - 1) * size;
        browser.Skip(filter.IsEmpty ? position + skipMatches : position);
        skipMatches = filter.IsEmpty ? 0 : skipMatches;

        var messages = new JsonArray();
        long started = Stopwatch.GetTimestamp();
        long bytes = 0;
        long first = browser.Position;
        long next = -1;
        browser.Read(MostLookedAt, (in BrowsedMessage message) =>
        {
            bool isOver = messages.Count == size || bytes >= MostBytes
                || Stopwatch.GetElapsedTime(started) > Longest || request.Aborted.IsCancellationRequested;
            if (isOver)
            {
                next = message.Position;
                return false;
            }

            if (filter.Matches(message, request.Broker.FindFormat(message.Message.Format)) && --skipMatches < 0)
            {
                messages.Add((JsonNode)ViewOf(request.Broker, message, mayBeText, truncate));
                bytes += Math.Min(message.Message.BodyLength, truncate);
            }

            return true;
        });
        if (next < 0 && !browser.AtEnd)
        {
            next = browser.Position;
        }

        QueueCounts counts = queue.Counts;
        return ApiReply.Json(new JsonObject
        {
            ["messages"] = messages,
            ["page"] = page,
            ["page_size"] = size,
            ["looked_at"] = (next < 0 ? browser.Position : next) - first,
            ["next_position"] = next < 0 ? null : next,
            ["messages_ready"] = counts.Ready,
            ["messages_unacknowledged"] = counts.Unacked,
        });
    }

    private static JsonObject ViewOf(Broker broker, in BrowsedMessage browsed, bool mayBeText, long truncate)
    {
        JsonObject json = PayloadJson.Of(browsed.Message, broker.FindFormat(browsed.Message.Format), mayBeText, truncate);
        json["id"] = browsed.EntryId.ToString(CultureInfo.InvariantCulture);
        json["position"] = browsed.Position;
        json["state"] = browsed.IsUnacked ? "unacked" : "ready";
        json["redelivered"] = browsed.Redelivered;
        json["delivery_count"] = browsed.DeliveryCount;
        json["published_at"] = browsed.Message.PublishedAtMs;
        json["expires_at"] = browsed.ExpiresAtMs == long.MaxValue ? null : browsed.ExpiresAtMs;
        json["truncated"] = browsed.Message.BodyLength > truncate;
        return json;
    }

    private static long Number(ApiRequest request, string name, long usual, long least, long most)
    {
        if (request.Query(name) is not { } text)
        {
            return usual;
        }

        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number >= least && number <= most
            ? number
            : throw ApiError.BadRequest("not_integer", $"{name}: {text}");
    }
}
