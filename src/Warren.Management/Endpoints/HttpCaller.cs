using Warren.Core.Queues;

namespace Warren.Management.Endpoints;

/// <summary>A request over HTTP where the broker asks for a connection: it owns no exclusive queue.</summary>
internal sealed class HttpCaller : IQueueOwner
{
    private HttpCaller()
    {
    }

    /// <summary>The one instance.</summary>
    public static HttpCaller Instance { get; } = new();

    /// <inheritdoc/>
    public string Name => "HTTP API";
}
