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

    private const int SaltSize = 4;

    /// <summary>Hashes a password with a random salt.</summary>
    public static string Create(string password)
    {
        byte[] salt = RandomNumberGenerator.GetBytes(SaltSize);
        return Convert.ToBase64String([.. salt, .. Digest(Sha256, salt, password)]);
    }

    /// <summary>Compares in constant time. A hash that cannot be read matches nothing, and takes as long.</summary>
    public static bool Verify(string hash, string algorithm, string password)
    {
        Span<byte> decoded = stackalloc byte[SaltSize + SHA512.HashSizeInBytes];
        if (!Convert.TryFromBase64String(hash, decoded, out int length) || length <= SaltSize)
        {
            Digest(algorithm, decoded[..SaltSize], password);
            return false;
        }

        byte[] digest = Digest(algorithm, decoded[..SaltSize], password);
        return CryptographicOperations.FixedTimeEquals(digest, decoded[SaltSize..length]);
    }

    private static byte[] Digest(string algorithm, ReadOnlySpan<byte> salt, string password)
    {
        byte[] salted = [.. salt, .. Encoding.UTF8.GetBytes(password)];
        return algorithm == Sha512 ? SHA512.HashData(salted) : SHA256.HashData(salted);
    }
}
