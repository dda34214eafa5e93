using System.Security.Cryptography;

namespace Warren.Core.Security;

/// <summary>The hash functions SCRAM is spoken with.</summary>
public enum ScramHash
{
    /// <summary>SCRAM-SHA-256 (RFC 7677).</summary>
    Sha256,

    /// <summary>SCRAM-SHA-512.</summary>
    Sha512,
}

/// <summary>What the hash functions do.</summary>
internal static class ScramHashes
{
    /// <summary>H of RFC 5802.</summary>
    public static byte[] Hash(this ScramHash hash, ReadOnlySpan<byte> bytes) =>
        hash == ScramHash.Sha512 ? SHA512.HashData(bytes) : SHA256.HashData(bytes);

    /// <summary>HMAC of RFC 5802.</summary>
    public static byte[] Sign(this ScramHash hash, ReadOnlySpan<byte> key, ReadOnlySpan<byte> bytes) =>
        hash == ScramHash.Sha512 ? HMACSHA512.HashData(key, bytes) : HMACSHA256.HashData(key, bytes);

    /// <summary>Hi of RFC 5802.</summary>
    public static byte[] Salt(this ScramHash hash, ReadOnlySpan<byte> password, ReadOnlySpan<byte> salt, int iterations)
    {
        bool isLong = hash == ScramHash.Sha512;
        return Rfc2898DeriveBytes.Pbkdf2(
            password,
            salt,
            iterations,
            isLong ? HashAlgorithmName.SHA512 : HashAlgorithmName.SHA256,
            isLong ? SHA512.HashSizeInBytes : SHA256.HashSizeInBytes);
    }
}
