using Microsoft.Extensions.Logging;
using Warren.Core;
using Warren.Transport;

namespace Warren.Protocols.Amqp091;

/// <summary>AMQP 0-9-1 with RabbitMQ's extensions, spoken by a broker's listeners.</summary>
/// <remarks>Thread-safe; one instance for all connections.</remarks>
public sealed class Amqp091Protocol : IProtocol
{
    private readonly Broker _broker;
    private volatile Amqp091Options _options;
    private volatile StartFrames _startFrames;
    private readonly ILogger _log;

    /// <summary>The protocol as metrics call it.</summary>
    public const string Label = "amqp091";

    /// <summary>Registers the encoding with the broker.</summary>
    public Amqp091Protocol(Broker broker, Amqp091Options options, ILoggerFactory logs)
    {
        ArgumentNullException.ThrowIfNull(broker);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logs);
        _broker = broker;
        _options = options;
        _startFrames = new StartFrames(options);
        _log = logs.CreateLogger("connection");
        broker.RegisterFormat(Amqp091MessageFormat.Instance, encodesOwn: true);
    }

    /// <summary>What new connections are held to; those that are open keep what they were told.</summary>
    public Amqp091Options Options
    {
        get => _options;
        set
        {
            _startFrames = new StartFrames(value);
            _options = value;
        }
    }

    /// <inheritdoc/>
    public string Name => "amqp";

    /// <inheritdoc/>
    public IProtocolSession Accept(Connection connection) => new Amqp091Connection(_broker, _options, _startFrames, connection, _log);
}
