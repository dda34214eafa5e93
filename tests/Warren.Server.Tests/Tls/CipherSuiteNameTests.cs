using System.Net.Security;
using Warren.Transport.Tls;
using Xunit;

namespace Warren.Server.Tests.Tls;

public sealed class CipherSuiteNameTests
{
    [Theory]
    [InlineData("TLS_AES_128_CCM_8_SHA256", TlsCipherSuite.TLS_AES_128_CCM_8_SHA256)]
    [InlineData("TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)]
    [InlineData("ECDHE-RSA-AES256-GCM-SHA384", TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384)]
    [InlineData("ECDHE-ECDSA-AES256-SHA384", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA384)]
    [InlineData("ECDHE-ECDSA-CHACHA20-POLY1305", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256)]
    [InlineData("ECDHE-ECDSA-AES128-CCM8", TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8)]
    [InlineData("ECDH-ECDSA-AES256-GCM-SHA384", TlsCipherSuite.TLS_ECDH_ECDSA_WITH_AES_256_GCM_SHA384)]
    [InlineData("DHE-DSS-AES256-SHA256", TlsCipherSuite.TLS_DHE_DSS_WITH_AES_256_CBC_SHA256)]
    [InlineData("DHE-RSA-CAMELLIA256-SHA", TlsCipherSuite.TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA)]
    [InlineData("AES256-GCM-SHA384", TlsCipherSuite.TLS_RSA_WITH_AES_256_GCM_SHA384)]
    [InlineData("AES128-SHA", TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA)]
    public void Names_of_OpenSSL_and_of_the_registry_are_known(string name, TlsCipherSuite suite)
    {
        Assert.True(CipherSuiteName.TryParse(name, out TlsCipherSuite found));
        Assert.Equal(suite, found);
    }

    [Theory]
    [InlineData("NULL-SHA256")]
    [InlineData("TLS_RSA_WITH_NULL_SHA256")]
    [InlineData("RC4-MD5")]
    [InlineData("DES-CBC3-SHA")]
    [InlineData("TLS_RSA_WITH_3DES_EDE_CBC_SHA")]
    [InlineData("ADH-AES128-SHA")]
    [InlineData("TLS_DH_anon_WITH_AES_128_CBC_SHA")]
    [InlineData("HIGH")]
    [InlineData("")]
    public void Unsafe_suites_and_other_words_are_not(string name)
    {
        Assert.False(CipherSuiteName.TryParse(name, out _));
    }
}
