using System.Text.Json.Nodes;
using Warren.Buffers;
using Warren.Core;
using Warren.Core.Queues;
using Warren.Management.Messages;
using Warren.Management.Routing;

namespace Warren.Management.Endpoints;

/// <summary><c>POST /queues/{vhost}/{name}/get</c>.</summary>
internal static class GetEndpoints
{
    private const int MostMessages = 10_000;
    private const long MostBytes = 64 * 1024 * 1024; // of payloads in one answer; JSON has no room for twice as much

    public static void Map(ApiRoutes routes) => routes.At("/queues/{vhost}/{name}/get").Post(Guard.VirtualHost, GetAsync);

    private static async ValueTask<ApiReply> GetAsync(ApiRequest request)
    {
        RequestBody body = await request.ReadBodyAsync();
        body.RequireAll("ackmode", "count", "encoding");
        string mode = body.RequireText("ackmode");
        if (mode is not ("ack_requeue_true" or "ack_requeue_false" or "reject_requeue_true" or "reject_requeue_false"))
        {
            throw ApiError.BadRequest("unsupported_ackmode", mode);
        }

        string encoding = body.RequireText("encoding");
        if (encoding is not ("auto" or "base64"))
        {
            throw ApiError.BadRequest("unsupported_encoding", encoding);
        }

        MessageQueue queue = request.Queue();
        request.VirtualHost.CheckRead(request.User, queue);
        request.VirtualHost.RequireQueue(queue.Name, HttpCaller.Instance);
        long count = Math.Clamp(body.Number("count") ?? 0, 0, MostMessages);
        long truncate = Math.Max(0, body.Number("truncate") ?? long.MaxValue);
        JsonArray messages = Take(request.Broker, queue, count, mode, encoding == "auto", truncate);
        request.Broker.Commits.Request();
        return ApiReply.Json(messages);
    }

    private static JsonArray Take(Broker broker, MessageQueue queue, long count, string mode, bool mayBeText, long truncate)
    {
        var messages = new JsonArray();
        var taken = new List<long>();
        var flush = new FlushSet();
        long bytes = 0;
        try
        {
            while (messages.Count < count && bytes < MostBytes && queue.TryGet(noAck: false, flush, out TakenMessage got))
            {
                try
                {
                    bytes += Math.Min(got.Message.BodyLength, truncate);
                    if (bytes > MostBytes)
                    {
                        queue.PutBack([got.EntryId], flush);
                        return messages.Count > 0 ? messages : throw ApiError.BadRequest(
                            "payload_too_large", $"{got.Message.BodyLength} bytes; ask for fewer of them with truncate");
                    }

                    taken.Add(got.EntryId);
                    JsonObject json = PayloadJson.Of(got.Message, broker.FindFormat(got.Message.Format), mayBeText, truncate);
                    json["redelivered"] = got.Redelivered;
                    json["message_count"] = got.Remaining;
                    messages.Add((JsonNode)json);
                }
                finally
                {
                    got.Message.Payload.Release();
                }
            }
        }
        finally
        {
            Settle(queue, [.. taken], mode, flush);
            flush.FlushAll();
        }

        return messages;
    }

    // Only now, so that a message that goes back is not got twice.
    private static void Settle(MessageQueue queue, long[] taken, string mode, FlushSet flush)
    {
        switch (mode)
        {
            case "ack_requeue_false":
                queue.Acknowledge(taken, flush);
                break;
            case "reject_requeue_false":
                queue.Reject(taken, flush);
                break;
            default:
                queue.Requeue(taken, flush);
                break;
        }
    }
}
