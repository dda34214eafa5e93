using System.Diagnostics.CodeAnalysis;

namespace Warren.Cli;

/// <summary>The pid file cannot be written.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "An error of the operator, like ConfigurationError.")]
internal sealed class PidFileError : Exception
{
    public PidFileError(string path, Exception inner)
        : base($"cannot write the pid file {path}: {inner.Message}", inner)
    {
    }
}
