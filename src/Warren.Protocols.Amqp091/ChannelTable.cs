using System.Numerics;
using Warren.Buffers;
using Warren.Buffers.Scheduling;
using Warren.Core.Connections;
using Warren.Wire.Amqp091;

namespace Warren.Protocols.Amqp091;

/// <summary>The open channels of a connection, by number.</summary>
/// <remarks>Opened and forgotten under the session's lock; other threads may read.</remarks>
internal sealed class ChannelTable
{
    private const int FirstSize = 4;

    private Channel?[] _channels = [];
    private int _openCount;

    /// <summary>Every place up to the highest number used so far, empty ones included.</summary>
    public ReadOnlySpan<Channel?> All => _channels;

    /// <summary>Channels open.</summary>
    public int Count => _openCount;

    /// <summary>The channel of a number, or null when it is not open.</summary>
    public Channel? this[int number]
    {
        get
        {
            Channel?[] channels = _channels;
            return (uint)number < (uint)channels.Length ? channels[number] : null;
        }
    }

    /// <summary>The channel of a number.</summary>
    /// <exception cref="ConnectionError">504: it is not open.</exception>
    public Channel Find(int number) =>
        this[number] ?? throw new ConnectionError(ReplyCode.ChannelError, "expected 'channel.open'");

    /// <summary>Opens a channel.</summary>
    /// <exception cref="ConnectionError">530: the number or the count is beyond what was negotiated.</exception>
    public Channel Open(Amqp091Connection connection, ushort number)
    {
        int most = connection.ChannelMax;
        if (number > most || _openCount >= most)
        {
            throw new ConnectionError(
                ReplyCode.NotAllowed,
                $"number of channels opened ({most}) has reached the negotiated channel_max ({most})",
                MethodId.ChannelOpen);
        }

        if (connection.User is { } user)
        {
            connection.Broker.Connections.CheckChannelLimit(connection.Broker.Users.Find(user.Name) ?? user);
        }

        if (number >= _channels.Length)
        {
            int size = Math.Max(FirstSize, (int)BitOperations.RoundUpToPowerOf2((uint)number + 1));
            Channel?[] larger = new Channel?[size];
            _channels.CopyTo(larger, 0);
            _channels = larger;
        }

        var opened = new Channel(connection, number);
        _channels[number] = opened;
        _openCount++;
        connection.Broker.Statistics.Churn.ChannelCreated();
        return opened;
    }

    /// <summary>The open channels as operators see them. Any thread.</summary>
    public IReadOnlyList<IClientChannel> List()
    {
        Channel?[] channels = _channels;
        var open = new List<IClientChannel>(_openCount);
        foreach (Channel? channel in channels)
        {
            if (channel is not null)
            {
                open.Add(channel.Report);
            }
        }

        return open;
    }

    /// <summary>Removes a closed channel.</summary>
    public void Forget(int number)
    {
        _channels[number] = null;
        _openCount--;
    }

    /// <summary>Closes every channel; what it had not acknowledged goes back to the queues.</summary>
    /// <param name="flush">Outputs that were written to.</param>
    /// <param name="onFault">Told of one that could not be closed: the others are, or their consumers would stay.</param>
    public void CloseAll(FlushSet flush, Action<Channel, Exception> onFault)
    {
        foreach (Channel? channel in _channels)
        {
            try
            {
                channel?.Close(flush);
            }
            catch (Exception fault)
            {
                onFault(channel!, fault);
            }
        }
    }

    /// <summary>Lets consumers go on that had to wait for the socket.</summary>
    public void ResumeConsumers(FlushSet flush)
    {
        foreach (Channel? channel in _channels)
        {
            channel?.ResumeConsumers(flush);
        }
    }

    /// <summary>Closes the channels whose client sat on a delivery for too long.</summary>
    public void CheckConsumerTimeouts(Uptime now, FlushSet flush)
    {
        foreach (Channel? channel in _channels)
        {
            channel?.CheckConsumerTimeout(now, flush);
        }
    }

    /// <summary>Sends the confirms that are due. Under the output's lock.</summary>
    /// <returns>True when a channel waits for a later commit.</returns>
    public bool ReleaseConfirms()
    {
        bool waiting = false;
        foreach (Channel? channel in _channels)
        {
            waiting |= channel is not null && channel.ReleaseConfirms();
        }

        return waiting;
    }
}
