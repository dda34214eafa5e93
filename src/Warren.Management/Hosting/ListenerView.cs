using System.Net;

namespace Warren.Management.Hosting;

/// <summary>One address the server listens on.</summary>
/// <param name="Protocol">As RabbitMQ calls it: <c>amqp</c>, <c>amqp/ssl</c>, <c>http</c>, <c>https</c>, <c>http/prometheus</c>.</param>
/// <param name="EndPoint">Address and port.</param>
public sealed record ListenerView(string Protocol, IPEndPoint EndPoint);
