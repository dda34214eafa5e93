using System.Text;
using Microsoft.AspNetCore.Http;

namespace Warren.Management.Security;

/// <summary>Name and password a request brings.</summary>
/// <param name="Name">The user.</param>
/// <param name="Password">The password in the clear.</param>
public readonly record struct Credentials(string Name, string Password)
{
    /// <summary>The cookie <c>POST /api/login</c> sets.</summary>
    public const string Cookie = "auth";

    private const string BasicScheme = "Basic ";

    /// <summary>What the cookie holds.</summary>
    public string Encoded => Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Name}:{Password}"));

    /// <summary>Reads the header Authorization (RFC 7617), else the cookie of a login from the same site.</summary>
    /// <returns>False when the request brings none that can be read.</returns>
    public static bool TryRead(HttpRequest request, out Credentials credentials)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.Headers.Authorization is [{ } header, ..])
        {
            credentials = default;
            return header.StartsWith(BasicScheme, StringComparison.OrdinalIgnoreCase)
                && TryDecode(header[BasicScheme.Length..].Trim(), out credentials);
        }

        credentials = default;
        return request.Cookies[Cookie] is { } cookie && IsFromHere(request) && TryDecode(Uri.UnescapeDataString(cookie), out credentials);
    }

    /// <summary>Reads base64 of <c>name:password</c>.</summary>
    public static bool TryDecode(string base64, out Credentials credentials)
    {
        ArgumentNullException.ThrowIfNull(base64);
        byte[] bytes = new byte[base64.Length];
        credentials = default;
        if (!Convert.TryFromBase64String(base64, bytes, out int length))
        {
            return false;
        }

        string text = Encoding.UTF8.GetString(bytes, 0, length);
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0)
        {
            return false;
        }

        credentials = new Credentials(text[..colon], text[(colon + 1)..]);
        return true;
    }

    // A browser sends cookies with requests other sites have made it send; those name their origin.
    private static bool IsFromHere(HttpRequest request)
    {
        string? origin = request.Headers.Origin;
        string? site = request.Headers["Sec-Fetch-Site"];
        return site is null or "same-origin" or "none"
            && (origin is null || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase));
    }
}
