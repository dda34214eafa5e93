using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Net.Security;

namespace Warren.Transport.Tls;

/// <summary>Names of cipher suites: those of OpenSSL, which rabbitmq.conf uses, and those of the registry. Pure.</summary>
public static class CipherSuiteName
{
    // Marks of suites that do not encrypt, do not say who the server is, or were broken long ago.
    private static readonly string[] Unsafe = ["NULL", "anon", "EXPORT", "RC4", "RC2", "DES", "MD5", "IDEA"];

    private static readonly FrozenDictionary<string, TlsCipherSuite> Names = AllNames();

    /// <summary>Finds the suite of a name such as <c>ECDHE-RSA-AES256-GCM-SHA384</c> or <c>TLS_AES_256_GCM_SHA384</c>.</summary>
    /// <returns>False when there is none of that name, or it is not safe.</returns>
    public static bool TryParse(string name, out TlsCipherSuite suite) => Names.TryGetValue(name, out suite);

    /// <summary>Whether the suite belongs to TLS 1.3; the others belong to the versions before.</summary>
    internal static bool IsTls13(TlsCipherSuite suite) => ((int)suite >> 8) == 0x13;

    private static FrozenDictionary<string, TlsCipherSuite> AllNames()
    {
        var names = new Dictionary<string, TlsCipherSuite>(StringComparer.Ordinal);
        foreach (TlsCipherSuite suite in Enum.GetValues<TlsCipherSuite>())
        {
            string registered = suite.ToString();
            if (!Unsafe.Any(mark => registered.Contains(mark, StringComparison.Ordinal)))
            {
                names[registered] = suite;
                if (TryWriteForOpenSsl(registered, out string? name))
                {
                    names[name] = suite;
                }
            }
        }

        return names.ToFrozenDictionary(StringComparer.Ordinal);
    }

    // TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384 -> ECDHE-RSA-AES256-SHA384. Those of TLS 1.3 have one name only.
    private static bool TryWriteForOpenSsl(string registered, [NotNullWhen(true)] out string? name)
    {
        string[] halves = registered["TLS_".Length..].Split("_WITH_");
        if (halves.Length != 2)
        {
            name = null;
            return false;
        }

        string exchange = halves[0] == "RSA" ? "" : halves[0].Replace('_', '-') + "-";
        string cipher = halves[1]
            .Replace("_128", "128", StringComparison.Ordinal)
            .Replace("_256", "256", StringComparison.Ordinal)
            .Replace("_CBC", "", StringComparison.Ordinal)
            .Replace("CCM_8", "CCM8", StringComparison.Ordinal)
            .Replace("CHACHA20_POLY1305_SHA256", "CHACHA20-POLY1305", StringComparison.Ordinal);
        name = exchange + cipher.Replace('_', '-');
        return true;
    }
}
