using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;
using Warren.Core;
using Warren.Core.Policies;
using Warren.Server.WebSockets;
using Xunit;

namespace Warren.Server.Tests.Operating;

/// <summary>A server in this process with real clients, and hands on its broker as an operator has them.</summary>
public abstract class ServedBroker : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly List<IConnection> _connections = [];
    private WarrenServer? _server;

    protected Broker Broker => _server!.Broker;

    public async ValueTask InitializeAsync() => await StartAsync();

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _directory.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    protected Task<IConnection> ConnectAsync(string user = "guest", string virtualHost = "/") => ConnectAsync(user, user, virtualHost);

    protected async Task<IConnection> ConnectAsync(string user, string password, string virtualHost)
    {
        var factory = new ConnectionFactory
        {
            HostName = "127.0.0.1",
            Port = _server!.EndPoints[0].Port,
            UserName = user,
            Password = password,
            VirtualHost = virtualHost,
            AutomaticRecoveryEnabled = false,
        };
        IConnection connection = await factory.CreateConnectionAsync();
        _connections.Add(connection);

        // The client does not wait for connection.open-ok; a channel is there or the refusal is.
        await (await connection.CreateChannelAsync()).CloseAsync();
        return connection;
    }

    protected static Task<IChannel> OpenAsync(IConnection connection) => connection.CreateChannelAsync(
        new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));

    protected void SetPolicy(
        string name, string pattern, string definition, int priority = 0, bool isOperators = false, string virtualHost = "/") =>
        Broker.Policies.Put(
            new Policy(
                virtualHost,
                name,
                pattern,
                PolicyTarget.All,
                PolicyDefinition.From(JsonDocument.Parse(definition).RootElement),
                priority),
            isOperators);

    protected static async Task<string> RefusalAsync(Func<Task> attempt)
    {
        Exception refused = await Assert.ThrowsAnyAsync<Exception>(attempt);
        ShutdownEventArgs? reason = refused switch
        {
            OperationInterruptedException interrupted => interrupted.ShutdownReason,
            BrokerUnreachableException { InnerException: OperationInterruptedException inner } => inner.ShutdownReason,
            _ => null,
        };
        return reason?.ReplyText ?? refused.ToString();
    }

    private async Task StartAsync() => _server = await WarrenServer.StartAsync(
        new WarrenServerOptions
        {
            DataDirectory = _directory.Path,
            TcpListeners = [new IPEndPoint(IPAddress.Loopback, 0)],
            MqttTcpListeners = [],
            WebMqtt = new WebMqttOptions { Port = null },
            Loggers = NullLoggerFactory.Instance,
        },
        CancellationToken.None);

    private async Task StopAsync()
    {
        foreach (IConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }

        _connections.Clear();
        await _server!.DisposeAsync();
    }
}
