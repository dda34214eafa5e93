using System.Diagnostics.CodeAnalysis;

namespace Warren.Transport.Tls;

/// <summary>The files of a TLS listener cannot be used. The message is one line that names the file.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "It is an error of the operator, like those of the configuration.")]
public sealed class CertificateError : Exception
{
    /// <param name="message">One line for the operator.</param>
    public CertificateError(string message)
        : base(message)
    {
    }

    /// <param name="message">One line for the operator.</param>
    /// <param name="inner">What the system said.</param>
    public CertificateError(string message, Exception inner)
        : base(message, inner)
    {
    }
}
