using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using Warren.Core.Arguments;
using Warren.Core.Security;
using Warren.Management.Endpoints;
using Warren.Management.Prometheus;
using Warren.Management.Routing;
using Warren.Management.Security;

namespace Warren.Management.Hosting;

/// <summary>Answers the requests to the management port.</summary>
/// <remarks>Thread-safe. The one place where errors become answers.</remarks>
public sealed class ManagementSite
{
    private readonly ManagementContext _context;
    private readonly ApiRoutes _routes = new();
    private readonly string _apiPath;
    private readonly Cors _cors;
    private readonly SecurityHeaders _security;
    private readonly MetricsSite _metrics;

    /// <summary>The API of a broker.</summary>
    public ManagementSite(ManagementContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _context = context;
        _cors = new Cors(context.Options);
        _security = new SecurityHeaders(context.Options);
        _metrics = new MetricsSite(context);
        string prefix = context.Options.PathPrefix.Trim('/');
        _apiPath = prefix.Length == 0 ? "/api/" : $"/{prefix}/api/";
        EndpointTable.Map(_routes);
    }

    /// <summary>Answers a request from a program of the same user of this machine, who needs no login.</summary>
    public Task AnswerLocalAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        Logins.Trust(http);
        return AnswerAsync(http);
    }

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        try
        {
            await RouteAsync(http);
        }
        catch (Exception e) when (e is not OperationCanceledException || !http.RequestAborted.IsCancellationRequested)
        {
            await RefuseAsync(http, e);
        }
        catch (OperationCanceledException)
        {
            http.Abort(); // the client went away first
        }
    }

    private async Task RouteAsync(HttpContext http)
    {
        IHeaderDictionary headers = http.Response.Headers;
        headers.CacheControl = "no-cache";
        headers.Vary = "accept, accept-encoding, origin";
        _security.AddTo(headers);
        RefuseTwoLengths(http);
        string path = RawPath(http);
        if (_metrics.Has(path))
        {
            Guards.Check(Guard.Monitor, Logins.Require(http, _context), _context.Broker, virtualHost: null);
            await _metrics.AnswerAsync(http);
            return;
        }

        if (!path.StartsWith(_apiPath, StringComparison.Ordinal))
        {
            throw ApiError.NotFound();
        }

        if (!_routes.TryFind(path[(_apiPath.Length - 1)..], out ApiResource? resource, out string[] segments))
        {
            throw ApiError.NotFound();
        }

        _cors.Answer(http, resource.Allow);
        if (HttpMethods.IsOptions(http.Request.Method))
        {
            headers.Allow = resource.Allow;
            http.Response.StatusCode = StatusCodes.Status200OK;
            return;
        }

        if (!resource.TryFind(http.Request.Method, out (Guard Guard, ApiAction Action) method))
        {
            headers.Allow = resource.Allow;
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (!AcceptsJson(http.Request))
        {
            http.Response.StatusCode = StatusCodes.Status406NotAcceptable;
            return;
        }

        User? user = null;
        if (method.Guard != Guard.None)
        {
            user = Logins.Require(http, _context);
            _context.Broker.Events.ActingUser = user.Name;
        }

        var request = new ApiRequest(http, _context, resource, segments, user);
        if (user is not null)
        {
            Guards.Check(method.Guard, user, _context.Broker, request.FindName("vhost"));
        }

        if (_context.State == NodeState.Stopped && !resource.IsForStopped)
        {
            throw new ApiError(
                503,
                "not_running",
                $"this command requires the 'rabbit' app to be running on the target node ({_context.NodeName}). Start it with 'rabbitmqctl start_app'.");
        }

        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method)
            && _context.Broker.StorageFailed.IsCompleted)
        {
            throw ApiError.NotStored(); // "there is no such thing" would be a promise too
        }

        ApiReply reply = await method.Action(request);
        await SendAsync(request, reply);
    }

    // Two lengths of one body: whoever is between us and the client may have taken the other one, and what is left over
    // would be somebody else's request (RFC 9112, 6.3). Kestrel puts the length it does not follow aside under this name.
    private static void RefuseTwoLengths(HttpContext http)
    {
        IHeaderDictionary asked = http.Request.Headers;
        if (asked.TransferEncoding.Count > 0 && (asked.ContentLength is not null || asked.ContainsKey("X-Content-Length")))
        {
            http.Response.Headers.Connection = "close";
            throw ApiError.BadRequest("a body has one length");
        }
    }

    private static async Task SendAsync(ApiRequest request, ApiReply reply)
    {
        HttpResponse response = request.Http.Response;
        response.StatusCode = reply.Status;
        foreach ((string name, string value) in reply.Headers)
        {
            response.Headers.Append(name, value);
        }

        if (!reply.HasBody)
        {
            return;
        }

        response.ContentType = reply.ContentType;
        if (HttpMethods.IsHead(request.Http.Request.Method))
        {
            return;
        }

        if (request.Context.Options.Compresses && AcceptsGzip(request.Http.Request))
        {
            response.Headers.ContentEncoding = "gzip";
            var compressed = new GZipStream(response.Body, CompressionLevel.Fastest, leaveOpen: true);
            await using (compressed)
            {
                await reply.WriteAsync(request, compressed);
            }
        }
        else
        {
            await reply.WriteAsync(request, response.Body);
        }
    }

    private async Task RefuseAsync(HttpContext http, Exception error)
    {
        ApiError refusal = error switch
        {
            ApiError known => known,
            BrokerError { Kind: BrokerErrorKind.AccessRefused } => ApiError.AccessRefused(),
            BrokerError { Kind: BrokerErrorKind.NotFound } missing => ApiError.NotFound(missing.Text),
            BrokerError wrong => ApiError.BadRequest(wrong.Text),
            BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                ApiError.BadRequest("Exceeded HTTP request body size limit"),
            BadHttpRequestException bad => ApiError.BadRequest(bad.Message),
            ArgumentException { ParamName: "key" or "value" or "entries" } unstorable => ApiError.BadRequest(unstorable.Message),
            InvalidDataException unreadable => ApiError.BadRequest(unreadable.Message), // a form beyond its limits
            IOException or TimeoutException => ApiError.NotStored(),
            _ => new ApiError(500, "internal_server_error", "a fault of the broker; its log says more"),
        };
        if (refusal.Status >= StatusCodes.Status500InternalServerError)
        {
            _context.Log.RequestFailed(error, http.Request.Method, http.Request.Path);
        }

        if (http.Response.HasStarted)
        {
            http.Abort(); // half an answer must not look like a whole one
            return;
        }

        http.Response.StatusCode = refusal.Status;
        http.Response.Headers.ContentEncoding = default;
        if (refusal.Status == StatusCodes.Status401Unauthorized)
        {
            http.Response.Headers.WWWAuthenticate = Logins.Challenge;
        }

        if (refusal.Message.Length == 0 || HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        http.Response.ContentType = "application/json";
        await http.Response.Body.WriteAsync(JsonText.ErrorOf(refusal), http.RequestAborted);
    }

    // As it was sent: what is decoded cannot be cut at its slashes any more.
    private static string RawPath(HttpContext http)
    {
        string target = http.Features.Get<Microsoft.AspNetCore.Http.Features.IHttpRequestFeature>()!.RawTarget;
        if (!target.StartsWith('/') && Uri.TryCreate(target, UriKind.Absolute, out Uri? absolute))
        {
            target = absolute.AbsolutePath;
        }

        int query = target.IndexOf('?', StringComparison.Ordinal);
        return query < 0 ? target : target[..query];
    }

    private static bool AcceptsJson(HttpRequest request)
    {
        if (request.Headers.Accept is not [_, ..] accepted)
        {
            return true;
        }

        foreach (string? value in accepted)
        {
            foreach (string type in (value ?? "").Split(','))
            {
                string bare = type.Split(';')[0].Trim();
                if (bare is "" or "*/*" or "application/*" or "application/json" or "text/plain" or "application/bert")
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool AcceptsGzip(HttpRequest request)
    {
        foreach (string? value in request.Headers.AcceptEncoding)
        {
            foreach (string coding in (value ?? "").Split(','))
            {
                string[] parts = coding.Split(';', StringSplitOptions.TrimEntries);
                if (parts[0].Equals("gzip", StringComparison.OrdinalIgnoreCase) && !(parts.Length > 1 && parts[1] is "q=0" or "q=0.0"))
                {
                    return true;
                }
            }
        }

        return false;
    }
}
