using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.WebSockets;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.AspNetCore.WebSockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Warren.Transport;
using Warren.Transport.Tls;
using WebSocketOptions = Microsoft.AspNetCore.Builder.WebSocketOptions;

namespace Warren.Server.WebSockets;

/// <summary>Lets browsers and others in who ask for a WebSocket, and speaks a protocol with them (MQTT 5.0, 6.0).</summary>
/// <remarks>
/// Thread-safe. Messages are not compressed: nothing that arrives is longer than it says, before and after the login.
/// </remarks>
internal sealed class WebSocketDoor
{
    private readonly IProtocol _protocol;
    private readonly IReadOnlyList<string> _subprotocols;
    private readonly WebMqttOptions _options;
    private readonly TransportResources _transport;
    private readonly ListenerOptions _listener;
    private readonly ILogger _log;
    private readonly WebSocketMiddleware _upgrade;
    private readonly ConcurrentDictionary<long, Connection> _connections = new();
    private readonly ConditionalWeakTable<SslStream, TlsSession> _secured = [];

    /// <param name="protocol">What is spoken.</param>
    /// <param name="subprotocols">Its names for browsers, the best first.</param>
    /// <param name="options">With whom.</param>
    /// <param name="transport">The broker's.</param>
    /// <param name="listener">Limits of the output.</param>
    /// <param name="log">Where it is told who was not let in.</param>
    public WebSocketDoor(
        IProtocol protocol,
        IReadOnlyList<string> subprotocols,
        WebMqttOptions options,
        TransportResources transport,
        ListenerOptions listener,
        ILogger log)
    {
        _protocol = protocol;
        _subprotocols = subprotocols;
        _options = options;
        _transport = transport;
        _listener = listener;
        _log = log;
        _upgrade = new WebSocketMiddleware(EnterAsync, Options.Create(new WebSocketOptions()), NullLoggerFactory.Instance);
    }

    /// <summary>The connections there are.</summary>
    public IReadOnlyCollection<Connection> Connections => [.. _connections.Values];

    /// <summary>Answers a request.</summary>
    public Task AnswerAsync(HttpContext context) => _upgrade.Invoke(context);

    /// <summary>Shakes hands for TLS.</summary>
    public async Task<Stream?> SecureAsync(Stream client, TlsContext tls, CancellationToken cancellationToken)
    {
        try
        {
            (SslStream stream, TlsSession session) = await tls.SecureSessionAsync(client, cancellationToken);
            _secured.Add(stream, session);
            return stream;
        }
        catch (ClientRefusedException e)
        {
            _log.HttpClientRefused(e.Message);
            return null;
        }
        catch (OperationCanceledException)
        {
            return null; // gone before it was let in
        }
    }

    private async Task EnterAsync(HttpContext context)
    {
        if (_options.Path != "*" && !context.Request.Path.Equals(_options.Path, StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (!context.WebSockets.IsWebSocketRequest)
        {
            bool wants = context.Request.Headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase);
            context.Response.StatusCode = wants ? StatusCodes.Status400BadRequest : StatusCodes.Status426UpgradeRequired;
            context.Response.Headers.Upgrade = "websocket";
        }
        else if (!IsAllowed(context.Request.Headers.Origin.ToString()))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else if (SubprotocolOf(context.WebSockets.WebSocketRequestedProtocols) is not { } subprotocol)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
        }
        else
        {
            await ServeAsync(context, subprotocol);
        }
    }

    private async Task ServeAsync(HttpContext context, string subprotocol)
    {
        var idle = TimeSpan.FromMilliseconds(_options.IdleTimeoutMs);
        WebSocket socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext
        {
            SubProtocol = subprotocol,
            KeepAliveInterval = idle / 2,
            KeepAliveTimeout = idle / 2,
        });

        // A client that reads slowly is the business of the output's limits.
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = null;
        }

        await using var stream = new WebSocketStream(socket);
        var connection = Connection.Start(
            stream,
            _protocol,
            _transport,
            _listener,
            EndPointOf(context.Connection.LocalIpAddress, context.Connection.LocalPort),
            EndPointOf(context.Connection.RemoteIpAddress, context.Connection.RemotePort),
            waitsWithoutBuffer: true,
            context.Abort,
            stream.FinishAsync,
            SessionOf(context));
        _connections.TryAdd(connection.Id, connection);
        await connection.Completion;
        _connections.TryRemove(connection.Id, out _);
    }

    private TlsSession? SessionOf(HttpContext context) =>
        context.Features.Get<ISslStreamFeature>() is { } secured && _secured.TryGetValue(secured.SslStream, out TlsSession? session)
            ? session
            : null;

    private bool IsAllowed(string origin) =>
        origin.Length == 0 || _options.AllowedOrigins.Count == 0
        || _options.AllowedOrigins.Any(allowed => allowed == "*" || allowed.Equals(origin, StringComparison.OrdinalIgnoreCase));

    private string? SubprotocolOf(IList<string> offered) => _subprotocols.FirstOrDefault(offered.Contains);

    private static IPEndPoint? EndPointOf(IPAddress? address, int port) => address is null ? null : new IPEndPoint(address, port);
}
