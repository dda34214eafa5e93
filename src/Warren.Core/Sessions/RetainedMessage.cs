using System.Text;
using Warren.Core.Messages;

namespace Warren.Core.Sessions;

/// <summary>A retained message as operators see it.</summary>
/// <param name="Topic">Its topic, words parted by slashes.</param>
/// <param name="Exchange">The exchange it was published to.</param>
/// <param name="Bytes">Bytes of its payload.</param>
/// <param name="PublishedAtMs">When it was published, Unix time in milliseconds.</param>
/// <param name="ExpiresAtMs">When it ends, Unix time in milliseconds; null: never.</param>
public sealed record RetainedMessage(string Topic, string Exchange, int Bytes, long PublishedAtMs, long? ExpiresAtMs)
{
    internal static RetainedMessage Of(Message message) => new(
        Swap(Encoding.UTF8.GetString(message.RoutingKey)),
        Encoding.UTF8.GetString(message.Exchange),
        message.BodyLength,
        message.PublishedAtMs,
        (message.Flags & MessageFlags.HasTtl) != 0 ? message.PublishedAtMs + message.TtlMs : null);

    /// <summary>The routing key, or the pattern, that a topic or filter stands for.</summary>
    internal static byte[] KeyOf(string filter) => Encoding.UTF8.GetBytes(Swap(filter).Replace('+', '*'));

    // Slashes here are dots there, and the other way round.
    private static string Swap(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (int i = 0; i < from.Length; i++)
        {
            to[i] = from[i] switch
            {
                '/' => '.',
                '.' => '/',
                char c => c,
            };
        }
    });
}
