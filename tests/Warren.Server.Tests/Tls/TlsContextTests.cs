using System.Security.Cryptography.X509Certificates;
using Warren.Transport.Tls;
using Xunit;

namespace Warren.Server.Tests.Tls;

public sealed class TlsContextTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly TestAuthority _authority = new("Test authority");
    private readonly ManualTime _time = new();
    private readonly TlsFiles _files;
    private int _reloads;
    private CertificateError? _failure;

    public TlsContextTests()
    {
        _files = new TlsFiles(_directory.Path);
        WriteServer("first");
    }

    public void Dispose()
    {
        _authority.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void Files_that_have_not_changed_are_left_alone()
    {
        using TlsContext context = Load();

        _time.Fire();

        Assert.Equal(0, _reloads);
        Assert.Null(_failure);
    }

    [Fact]
    public void Changed_files_are_read_by_the_next_look()
    {
        using TlsContext context = Load();
        WriteServer("second, with a longer name");

        _time.Fire();
        _time.Fire();

        Assert.Equal(1, _reloads);
        Assert.Equal("CN=\"second, with a longer name\"", context.Certificate.Subject);
    }

    [Fact]
    public void Broken_files_leave_the_old_certificate_and_are_reported_once()
    {
        using TlsContext context = Load();
        File.WriteAllText(_files.Key, "nonsense");

        _time.Fire();
        _time.Fire();

        Assert.Equal($"ssl_options.keyfile: {_files.Key} holds no private key", _failure?.Message);
        Assert.Equal("CN=first", context.Certificate.Subject);
        Assert.Equal(0, _reloads);
    }

    [Fact]
    public void Certificate_and_key_changed_one_after_the_other_are_taken_when_they_fit()
    {
        using TlsContext context = Load();
        byte[] oldKey = File.ReadAllBytes(_files.Key);
        WriteServer("second");
        byte[] newKey = File.ReadAllBytes(_files.Key);
        File.WriteAllBytes(_files.Key, oldKey);
        _time.Fire();
        Assert.Contains("does not belong to the certificate", _failure?.Message, StringComparison.Ordinal);

        File.WriteAllBytes(_files.Key, [.. newKey, (byte)'\n']);
        _time.Fire();

        Assert.Equal("CN=second", context.Certificate.Subject);
    }

    [Fact]
    public void Files_that_vanish_are_reported_and_taken_when_they_are_back()
    {
        using TlsContext context = Load();
        File.Delete(_files.Certificate);
        _time.Fire();
        Assert.Equal($"ssl_options.certfile: cannot read {_files.Certificate}: there is no such file", _failure?.Message);

        WriteServer("second");
        _time.Fire();

        Assert.Equal("CN=second", context.Certificate.Subject);
    }

    // As Kubernetes does it: the named files lead through a link to a directory, and only that link changes.
    [Fact]
    public void Link_on_the_way_to_the_files_may_change()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a privilege there");
        string way = _directory["current"];
        string[] names = ["server.pem", "server.key"];
        string[] versions = [_directory["v1"], _directory["v2"]];
        foreach (string version in versions)
        {
            WriteServer(Path.GetFileName(version));
            Directory.CreateDirectory(version);
            Array.ForEach(names, n => File.Move(_directory[n], Path.Combine(version, n)));
        }

        Directory.CreateSymbolicLink(way, versions[0]);
        Array.ForEach(names, n => File.CreateSymbolicLink(_directory[n], Path.Combine(way, n)));
        using TlsContext context = Load();
        Assert.Equal("CN=v1", context.Certificate.Subject);
        Directory.Delete(way);
        Directory.CreateSymbolicLink(way, versions[1]);

        _time.Fire();

        Assert.Equal("CN=v2", context.Certificate.Subject);
    }

    [Fact]
    public void Told_to_it_reads_unchanged_files_too()
    {
        using TlsContext context = Load();

        context.Reload();

        Assert.Equal(1, _reloads);
    }

    private TlsContext Load()
    {
        var options = new TlsOptions { CertificateFile = _files.Certificate, KeyFile = _files.Key };
        var context = TlsContext.Load(options, _time);
        context.OnReloaded = _ => _reloads++;
        context.OnReloadFailed = e =>
        {
            Assert.Null(_failure);
            _failure = e;
        };
        return context;
    }

    private void WriteServer(string commonName)
    {
        using X509Certificate2 certificate = _authority.IssueServer($"\"{commonName}\"");
        _files.Write(certificate, _authority);
    }
}
