using Microsoft.AspNetCore.Http;

namespace Warren.Management.Hosting;

/// <summary>What every answer tells browsers they must not do.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class SecurityHeaders
{
    private readonly (string Name, string Value)[] _headers;

    public SecurityHeaders(ManagementOptions options) =>
        _headers =
        [
            .. Set(
                ("Content-Security-Policy", options.ContentSecurityPolicy),
                ("Strict-Transport-Security", options.StrictTransportSecurity),
                ("X-Content-Type-Options", options.ContentTypeOptions),
                ("X-XSS-Protection", options.XssProtection),
                ("X-Frame-Options", options.FrameOptions),
                ("Referrer-Policy", options.ReferrerPolicy)),
        ];

    /// <summary>Adds them.</summary>
    public void AddTo(IHeaderDictionary headers)
    {
        foreach ((string name, string value) in _headers)
        {
            headers[name] = value;
        }
    }

    private static IEnumerable<(string Name, string Value)> Set(params (string Name, string? Value)[] headers) =>
        headers.Where(static h => !string.IsNullOrEmpty(h.Value)).Select(static h => (h.Name, h.Value!));
}
