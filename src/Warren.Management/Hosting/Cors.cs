using Microsoft.AspNetCore.Http;

namespace Warren.Management.Hosting;

/// <summary>Tells browsers which other web sites may use the API (Fetch standard, "CORS protocol"); off by default.</summary>
internal sealed class Cors
{
    private readonly IReadOnlyList<string> _origins;
    private readonly long _maxAgeSeconds;

    public Cors(ManagementOptions options)
    {
        _origins = options.AllowedOrigins;
        _maxAgeSeconds = options.CorsMaxAgeSeconds;
    }

    /// <summary>Adds the headers a request from another origin asks for.</summary>
    public void Answer(HttpContext http, string methods)
    {
        string? origin = http.Request.Headers.Origin;
        if (_origins.Count == 0 || origin is null or "" or "null" or "*")
        {
            return;
        }

        IHeaderDictionary headers = http.Response.Headers;
        if (_origins.Contains(origin, StringComparer.OrdinalIgnoreCase))
        {
            headers.AccessControlAllowOrigin = origin;
            headers.AccessControlAllowCredentials = "true";
        }
        else if (_origins.Contains("*", StringComparer.Ordinal))
        {
            headers.AccessControlAllowOrigin = "*";
        }
        else
        {
            return;
        }

        if (HttpMethods.IsOptions(http.Request.Method))
        {
            headers.AccessControlAllowMethods = methods;
            headers.AccessControlMaxAge = _maxAgeSeconds.ToString();
            if (http.Request.Headers.AccessControlRequestHeaders is [{ } wanted, ..])
            {
                headers.AccessControlAllowHeaders = wanted;
            }
        }
    }
}
