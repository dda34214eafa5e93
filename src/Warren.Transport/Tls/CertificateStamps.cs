namespace Warren.Transport.Tls;

/// <summary>By which a change of the files of a listener is known.</summary>
internal readonly record struct CertificateStamps(FileStamp Certificate, FileStamp Key, FileStamp Authorities)
{
    /// <summary>How the files are now. Never fails.</summary>
    public static CertificateStamps Of(TlsOptions options) =>
        new(FileStamp.Of(options.CertificateFile), FileStamp.Of(options.KeyFile), FileStamp.Of(options.AuthorityFile));
}

/// <summary>By which a change of one file is known.</summary>
/// <param name="Path">Where a link leads to, or the file itself; null when it cannot be told.</param>
/// <param name="WrittenTicks">When it was written last.</param>
/// <param name="Length">In bytes; -1 when there is no file.</param>
internal readonly record struct FileStamp(string? Path, long WrittenTicks, long Length)
{
    private static readonly FileStamp None = new(null, 0, -1);

    /// <summary>How the file is now. Those who change certificates often change a link, or one on the way to the link's end.</summary>
    public static FileStamp Of(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            return None;
        }

        try
        {
            var named = new FileInfo(path);
            FileSystemInfo file = named.ResolveLinkTarget(returnFinalTarget: true) ?? named;
            return file is FileInfo { Exists: true } real ? new FileStamp(real.FullName, real.LastWriteTimeUtc.Ticks, real.Length) : None;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return None; // reading it will say why
        }
    }
}
