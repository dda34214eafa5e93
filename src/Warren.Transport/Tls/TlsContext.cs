using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Warren.Buffers.Scheduling;

namespace Warren.Transport.Tls;

/// <summary>The certificates of the TLS listeners, read again when their files change.</summary>
/// <remarks>Thread-safe. New handshakes use what was read last; connections that are open keep what they have.</remarks>
public sealed class TlsContext : IDisposable
{
    private readonly Lock _reloading = new();
    private readonly SpokenSuites _suites;
    private readonly GuardedTimer? _timer;
    private volatile LoadedCertificates _current;
    private CertificateStamps _stamps; // guarded by _reloading

    private TlsContext(TlsOptions options, TimeProvider time)
    {
        Options = options;
        _suites = SpokenSuites.Of(options);
        _stamps = CertificateStamps.Of(options);
        _current = CertificateFiles.Load(options);
        if (options.ReloadIntervalMs > 0)
        {
            var interval = TimeSpan.FromMilliseconds(options.ReloadIntervalMs);
            _timer = new GuardedTimer(time, () => Look(force: false), fault => OnReloadFailed?.Invoke(new CertificateError(fault.Message, fault)));
            _timer.Start(interval);
        }
    }

    /// <summary>What the listeners were told.</summary>
    public TlsOptions Options { get; }

    /// <summary>The certificate clients are shown now. Not to be disposed.</summary>
    public X509Certificate2 Certificate => _current.Server;

    /// <summary>Told that new files are in use. On any thread, must not block or throw.</summary>
    public Action<TlsContext>? OnReloaded { get; set; }

    /// <summary>Told why new files are not used. On any thread, must not block or throw.</summary>
    public Action<CertificateError>? OnReloadFailed { get; set; }

    /// <summary>Reads the files.</summary>
    /// <exception cref="CertificateError">They cannot be used.</exception>
    public static TlsContext Load(TlsOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        return new TlsContext(options, time);
    }

    /// <summary>Reads the files now, changed or not. When they cannot be used, the old certificates stay.</summary>
    public void Reload() => Look(force: true);

    /// <summary>Shakes hands with a client whose bytes somebody else carries, within the time the options give.</summary>
    /// <param name="client">Its bytes; the result owns them.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ClientRefusedException">The client does not speak TLS as we do, is too slow, or its certificate is refused.</exception>
    public async Task<SslStream> SecureAsync(Stream client, CancellationToken cancellationToken) =>
        (await SecureSessionAsync(client, cancellationToken).ConfigureAwait(false)).Stream;

    /// <summary>As <see cref="SecureAsync"/>, and tells what was settled.</summary>
    /// <param name="client">Its bytes; the result owns them.</param>
    /// <param name="cancellationToken">Gives it up.</param>
    /// <exception cref="ClientRefusedException">As there.</exception>
    public async Task<(SslStream Stream, TlsSession Session)> SecureSessionAsync(Stream client, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Options.HandshakeTimeoutMs);
        try
        {
            return await TlsHandshake.RunAsync(client, this, patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ClientRefusedException("TLS handshake took too long", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _timer?.Dispose();

    /// <summary>Rules for one handshake.</summary>
    internal SslServerAuthenticationOptions HandshakeOptions(PeerCheck check)
    {
        LoadedCertificates certificates = _current;
        bool asksPeer = certificates.Authorities is not null;
        return new SslServerAuthenticationOptions
        {
            ServerCertificateContext = certificates.Context,
            EnabledSslProtocols = _suites.Protocols,
            CipherSuitesPolicy = _suites.Policy,
            ClientCertificateRequired = asksPeer,
            RemoteCertificateValidationCallback = asksPeer
                ? (_, certificate, chain, errors) => check.Accept(certificate, chain, errors)
                : null,
            CertificateChainPolicy = asksPeer ? ChainPolicy(certificates.Authorities!) : null,
            AllowRenegotiation = false,
            AllowTlsResume = !asksPeer, // every client's certificate is judged anew
        };
    }

    // Nothing is fetched from addresses a client's certificate names. What does not sign itself is no authority, but
    // may be on the way to one.
    private static X509ChainPolicy ChainPolicy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        foreach (X509Certificate2 authority in authorities)
        {
            bool isRoot = authority.SubjectName.RawData.AsSpan().SequenceEqual(authority.IssuerName.RawData);
            (isRoot ? policy.CustomTrustStore : policy.ExtraStore).Add(authority);
        }

        return policy;
    }

    private void Look(bool force)
    {
        lock (_reloading)
        {
            CertificateStamps stamps = CertificateStamps.Of(Options);
            if (!force && stamps == _stamps)
            {
                return;
            }

            _stamps = stamps; // before reading: a change meanwhile is seen by the next look
            try
            {
                _current = CertificateFiles.Load(Options);
            }
            catch (Exception e)
            {
                // Whatever is wrong with the files: the server goes on with the old ones.
                OnReloadFailed?.Invoke(e as CertificateError ?? new CertificateError(e.Message.ReplaceLineEndings(" "), e));
                return;
            }
        }

        OnReloaded?.Invoke(this);
    }
}
