using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Warren.Buffers;
using Warren.Core.Messages;

namespace Warren.Core.DirectReplies;

/// <summary>Who waits for replies without a queue (RabbitMQ's direct reply-to).</summary>
public abstract class DirectReplyTarget
{
    /// <summary>Delivers one reply. Must not block or throw.</summary>
    /// <returns>False when the reply cannot be taken: it is dropped, as direct reply-to promises no more.</returns>
    public abstract bool TryDeliver(Message message, FlushSet flush);
}

/// <summary>The open reply addresses of a broker.</summary>
/// <remarks>Thread-safe. An address holds 160 random bits: it cannot be guessed.</remarks>
public sealed class DirectReplyRegistry
{
    /// <summary>The pseudo queue a requester consumes from, and sets as reply-to.</summary>
    public const string PseudoQueue = "amq.rabbitmq.reply-to";

    private const int TokenBytes = 20;

    private readonly ConcurrentDictionary<string, DirectReplyTarget> _targets = new(StringComparer.Ordinal);

    /// <summary>What the addresses begin with.</summary>
    public static ReadOnlySpan<byte> AddressPrefix => "amq.rabbitmq.reply-to."u8;

    /// <summary>Opens an address for a requester.</summary>
    public string Register(DirectReplyTarget target)
    {
        string address = PseudoQueue + "." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(TokenBytes));
        _targets[address] = target;
        return address;
    }

    /// <summary>Closes an address.</summary>
    public void Unregister(string address) => _targets.TryRemove(address, out _);

    /// <summary>Whether somebody waits at this address.</summary>
    public bool Exists(string address) => _targets.ContainsKey(address);

    /// <summary>Finds who waits at an address given as a routing key.</summary>
    public DirectReplyTarget? Find(ReadOnlySpan<byte> routingKey) =>
        routingKey.StartsWith(AddressPrefix) && _targets.TryGetValue(Encoding.UTF8.GetString(routingKey), out DirectReplyTarget? target)
            ? target
            : null;
}
