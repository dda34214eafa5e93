using System.IO.Pipelines;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;
using Warren.Management.Hosting;

namespace Warren.Management.Prometheus;

/// <summary>Answers Prometheus.</summary>
/// <remarks>Thread-safe. Without a login on its own port, as in RabbitMQ; the management port asks for one.</remarks>
public sealed class MetricsSite
{
    private static readonly TimeSpan MatchLimit = TimeSpan.FromMilliseconds(100);

    private readonly MetricsPage _page;
    private readonly PrometheusOptions _options;
    private readonly string _path;

    /// <summary>The metrics of a broker.</summary>
    public MetricsSite(ManagementContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        _page = new MetricsPage(context);
        _options = context.Prometheus;
        _path = $"/{_options.Path.Trim('/')}";
    }

    /// <summary>Whether a path is one of these.</summary>
    public bool Has(string path) =>
        path is not null && path.StartsWith(_path, StringComparison.Ordinal)
        && path[_path.Length..].TrimEnd('/') is "" or "/per-object" or "/detailed" or "/memory-breakdown";

    /// <summary>Answers one request.</summary>
    public async Task AnswerAsync(HttpContext http)
    {
        ArgumentNullException.ThrowIfNull(http);
        string path = http.Request.Path.Value ?? "";
        if (!Has(path))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            http.Response.Headers.Allow = "HEAD, GET";
            return;
        }

        if (!TryReadQueueNames(http.Request, out Regex? queueNames))
        {
            http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        http.Response.ContentType = MetricText.ContentType;
        if (HttpMethods.IsHead(http.Request.Method))
        {
            return;
        }

        try
        {
            await WriteAsync(http, path[_path.Length..].TrimEnd('/'), queueNames);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or RegexMatchTimeoutException)
        {
            http.Abort(); // the reader has gone, or its expression takes too long
        }
    }

    private async Task WriteAsync(HttpContext http, string page, Regex? queueNames)
    {
        PipeWriter output = http.Response.BodyWriter;
        var text = new MetricText(output);
        switch (page)
        {
            case "/detailed":
                await _page.WriteDetailedAsync(
                    text, Values(http.Request, "family"), Values(http.Request, "vhost"), queueNames, http.RequestAborted);
                break;
            case "/memory-breakdown":
                await _page.WriteMemoryAsync(text, http.RequestAborted);
                break;
            case "/per-object":
                await _page.WritePerObjectAsync(text, http.RequestAborted);
                break;
            default:
                await (_options.PerObject
                    ? _page.WritePerObjectAsync(text, http.RequestAborted)
                    : _page.WriteAggregatedAsync(text, http.RequestAborted));
                break;
        }
    }

    private static HashSet<string> Values(HttpRequest request, string name) =>
        [.. request.Query[name].Where(static v => v is not null).Select(static v => v!)];

    private static bool TryReadQueueNames(HttpRequest request, out Regex? names)
    {
        names = null;
        if (request.Query["queue"] is not [{ Length: > 0 } expression, ..])
        {
            return true;
        }

        try
        {
            names = new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, MatchLimit);
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return false;
        }
    }
}
