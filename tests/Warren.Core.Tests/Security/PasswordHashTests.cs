using Warren.Core.Security;
using Xunit;

namespace Warren.Core.Tests.Security;

public sealed class PasswordHashTests
{
    // "test12" with the salt 90 8D C6 0A, as RabbitMQ's guide to passwords works it out; SHA-512 alike.
    private const string KnownSha256 = "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR";
    private const string KnownSha512 =
        "kI3GChuNuIYf8lRbCCxZjgjKwsY19ns6+uFO0zcXRBGA/XGJPYD8OWMy7EB8TaOmAzjP2azv84GbINYwX2cDWb4DHnc=";

    [Theory]
    [InlineData(KnownSha256, PasswordHash.Sha256, "test12", true)]
    [InlineData(KnownSha256, PasswordHash.Sha256, "test13", false)]
    [InlineData(KnownSha256, PasswordHash.Sha512, "test12", false)]
    [InlineData(KnownSha256, "rabbit_password_hashing_md5", "test12", false)]
    [InlineData(KnownSha512, PasswordHash.Sha512, "test12", true)]
    [InlineData(KnownSha512, PasswordHash.Sha256, "test12", false)]
    [InlineData("", PasswordHash.Sha256, "", false)]
    [InlineData("not base64!", PasswordHash.Sha256, "test12", false)]
    [InlineData("kI3GCg==", PasswordHash.Sha256, "test12", false)]
    public void A_hash_of_RabbitMQ_is_verified(string hash, string algorithm, string password, bool same) =>
        Assert.Equal(same, PasswordHash.Verify(hash, algorithm, password));

    [Theory]
    [InlineData(PasswordHash.Sha256)]
    [InlineData(PasswordHash.Sha512)]
    public void A_new_hash_is_salted_and_well_formed(string algorithm)
    {
        string first = PasswordHash.Create("päss", algorithm);
        string second = PasswordHash.Create("päss", algorithm);

        Assert.NotEqual(first, second, StringComparer.Ordinal);
        Assert.True(PasswordHash.IsWellFormed(first, algorithm));
        Assert.True(PasswordHash.Verify(first, algorithm, "päss"));
        Assert.False(PasswordHash.IsWellFormed(first + "AAAA", algorithm));
    }
}
