namespace Warren.Management.Hosting;

/// <summary>A certificate the server shows its clients.</summary>
/// <param name="File">Where it is read from.</param>
/// <param name="NotAfter">When it ends.</param>
public sealed record CertificateView(string File, DateTimeOffset NotAfter);
