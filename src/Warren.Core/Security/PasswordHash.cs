using System.Security.Cryptography;
using System.Text;

namespace Warren.Core.Security;

/// <summary>Password hashes as RabbitMQ stores and exports them: base64 of a 4-byte salt and the digest of salt and password.</summary>
public static class PasswordHash
{
    /// <summary>The default algorithm.</summary>
    public const string Sha256 = "rabbit_password_hashing_sha256";

    /// <summary>The stronger algorithm.</summary>
    public const string Sha512 = "rabbit_password_hashing_sha512";

    private const int SaltSize = 4; // bytes

    /// <summary>True for the algorithms a hash can be checked with.</summary>
    public static bool IsKnown(string algorithm) => algorithm is Sha256 or Sha512;

    /// <summary>Hashes a password with a random salt.</summary>
    /// <exception cref="ArgumentException">The algorithm is not known.</exception>
    public static string Create(string password, string algorithm = Sha256)
    {
        ArgumentNullException.ThrowIfNull(password);
        if (!IsKnown(algorithm))
        {
            throw new ArgumentException($"unknown hashing algorithm '{algorithm}'", nameof(algorithm));
        }

        byte[] salt = RandomNumberGenerator.GetBytes(SaltSize);
        return Convert.ToBase64String([.. salt, .. Digest(algorithm, salt, password)]);
    }

    /// <summary>True when the text has the form and length of a hash of that algorithm.</summary>
    public static bool IsWellFormed(string hash, string algorithm)
    {
        Span<byte> decoded = stackalloc byte[SaltSize + SHA512.HashSizeInBytes];
        return IsKnown(algorithm)
            && Convert.TryFromBase64String(hash, decoded, out int length)
            && length == SaltSize + DigestSize(algorithm);
    }

    /// <summary>Compares in constant time. A hash that cannot be read, or of an unknown algorithm, matches nothing and takes as long.</summary>
    public static bool Verify(string hash, string algorithm, string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        Span<byte> decoded = stackalloc byte[SaltSize + SHA512.HashSizeInBytes];
        decoded.Clear();
        bool readable = Convert.TryFromBase64String(hash, decoded, out int length)
            && length == SaltSize + DigestSize(algorithm);
        byte[] digest = Digest(algorithm, decoded[..SaltSize], password);
        bool same = CryptographicOperations.FixedTimeEquals(digest, decoded.Slice(SaltSize, digest.Length));
        return readable & same & IsKnown(algorithm);
    }

    private static int DigestSize(string algorithm) =>
        algorithm is Sha512 ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes;

    private static byte[] Digest(string algorithm, ReadOnlySpan<byte> salt, string password)
    {
        byte[] salted = [.. salt, .. Encoding.UTF8.GetBytes(password)];
        byte[] digest = algorithm is Sha512 ? SHA512.HashData(salted) : SHA256.HashData(salted);
        CryptographicOperations.ZeroMemory(salted);
        return digest;
    }
}
