using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Warren.Core.Security;

/// <summary>What a server knows of a password to check a SCRAM proof with; the password cannot be found from it (RFC 5802, 3).</summary>
/// <param name="Hash">The hash function.</param>
/// <param name="Salt">Random bytes the password was salted with.</param>
/// <param name="Iterations">How often it was hashed.</param>
/// <param name="StoredKey">Checks the client's proof.</param>
/// <param name="ServerKey">Proves that the server knows the verifier.</param>
public sealed record ScramVerifier(ScramHash Hash, byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey)
{
    /// <summary>The least RFC 7677 allows; small devices have to do it too.</summary>
    public const int DefaultIterations = 4096;

    internal const int SaltSize = 16; // bytes

    /// <summary>Verifiers of a password for every hash function, each with a salt of its own.</summary>
    /// <remarks>Takes milliseconds, on purpose.</remarks>
    public static IReadOnlyList<ScramVerifier> CreateAll(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        byte[] prepared = Encoding.UTF8.GetBytes(Prepare(password));
        try
        {
            return [Create(ScramHash.Sha256, prepared), Create(ScramHash.Sha512, prepared)];
        }
        finally
        {
            CryptographicOperations.ZeroMemory(prepared);
        }
    }

    private static ScramVerifier Create(ScramHash hash, byte[] password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltSize);
        byte[] salted = hash.Salt(password, salt, DefaultIterations);
        byte[] clientKey = hash.Sign(salted, "Client Key"u8);
        var verifier = new ScramVerifier(hash, salt, DefaultIterations, hash.Hash(clientKey), hash.Sign(salted, "Server Key"u8));
        CryptographicOperations.ZeroMemory(salted);
        CryptographicOperations.ZeroMemory(clientKey);
        return verifier;
    }

    // The mappings of SASLprep (RFC 4013): other spaces are spaces, what is not seen is not there, and one form for what
    // looks the same.
    private static string Prepare(string password)
    {
        if (Ascii.IsValid(password))
        {
            return password;
        }

        var mapped = new StringBuilder(password.Length);
        foreach (char c in password)
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator)
            {
                mapped.Append(' ');
            }
            else if (c is not ('\u00AD' or '\u034F' or '\u1806' or (>= '\u180B' and <= '\u180D') or (>= '\u200B' and <= '\u200D')
                or '\u2060' or (>= '\uFE00' and <= '\uFE0F') or '\uFEFF'))
            {
                mapped.Append(c);
            }
        }

        try
        {
            return mapped.ToString().Normalize(NormalizationForm.FormKC);
        }
        catch (ArgumentException)
        {
            return password; // half a surrogate pair: no text, but a password like any other
        }
    }
}
