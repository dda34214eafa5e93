using Microsoft.AspNetCore.Http;
using Warren.Core;
using Warren.Core.Security;
using Warren.Management.Hosting;
using Warren.Management.Listing;
using Warren.Management.Security;

namespace Warren.Management.Routing;

/// <summary>One request: who asks, for what, and with which body.</summary>
/// <remarks>Not thread-safe: one request, one caller at a time.</remarks>
public sealed class ApiRequest
{
    private readonly ApiResource _resource;
    private readonly string[] _segments;
    private readonly User? _user;

    internal ApiRequest(HttpContext http, ManagementContext context, ApiResource resource, string[] segments, User? user)
    {
        Http = http;
        Context = context;
        _resource = resource;
        _segments = segments;
        _user = user;
        Columns = Query("columns") is { Length: > 0 } columns ? new ColumnSet(columns) : null;
    }

    /// <summary>The request as HTTP has it.</summary>
    public HttpContext Http { get; }

    /// <summary>The broker and how it was started.</summary>
    public ManagementContext Context { get; }

    /// <summary>The broker.</summary>
    public Broker Broker => Context.Broker;

    /// <summary>Who has logged in.</summary>
    public User User => _user ?? throw new InvalidOperationException("a resource without a guard has no user");

    /// <summary>The columns asked for; null: all.</summary>
    public ColumnSet? Columns { get; }

    /// <summary>Ends when the client goes.</summary>
    public CancellationToken Aborted => Http.RequestAborted;

    /// <summary>The virtual host a list is limited to by the header X-Vhost; null: all.</summary>
    public string? VirtualHostFilter => Http.Request.Headers["X-Vhost"] is [{ Length: > 0 } name] ? name : null;

    /// <summary>A parameter of the path, decoded.</summary>
    public string Name(string parameter) =>
        FindName(parameter) ?? throw new ArgumentException($"the path has no {parameter}", nameof(parameter));

    /// <summary>The virtual host the path names as <c>{vhost}</c>.</summary>
    /// <exception cref="ApiError">404.</exception>
    public VirtualHost VirtualHost => Broker.FindVirtualHost(Name("vhost")) ?? throw ApiError.NotFound();

    /// <summary>A parameter of the query; null: it is not there.</summary>
    public string? Query(string name) => Http.Request.Query.TryGetValue(name, out var values) && values is [{ } value, ..] ? value : null;

    /// <summary>Whether a parameter of the query says true.</summary>
    public bool QueryFlag(string name) => Query(name) is "true";

    /// <summary>Whether the user may see what is in a virtual host: by permission, or everything as a monitor.</summary>
    public bool MaySee(string virtualHost) => Guards.IsMonitor(User) || Broker.Authorizer.MayAccess(User, virtualHost);

    /// <summary>The virtual hosts a list shows: those the user may see, or the one X-Vhost names.</summary>
    public IEnumerable<VirtualHost> VisibleVirtualHosts() =>
        Broker.VirtualHosts.Where(v => (VirtualHostFilter is not { } only || v.Name == only) && MaySee(v.Name));

    /// <summary>The body as a JSON object; nothing and <c>null</c> are an empty one.</summary>
    /// <exception cref="ApiError">400: it is not JSON or no object.</exception>
    public ValueTask<RequestBody> ReadBodyAsync() => RequestBody.ReadAsync(Http.Request, Aborted);

    internal string? FindName(string parameter)
    {
        for (int i = 0; i < _resource.Parameters.Count; i++)
        {
            if (_resource.Parameters[i] == parameter)
            {
                return _segments[i];
            }
        }

        return null;
    }
}
