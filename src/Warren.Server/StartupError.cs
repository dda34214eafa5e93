using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;

namespace Warren.Server;

/// <summary>Why a server did not start, in the words of sysexits.</summary>
public enum StartupFault
{
    /// <summary>The data directory was written by a newer version, or is damaged (65, EX_DATAERR).</summary>
    Data = 65,

    /// <summary>An address is taken, or the data directory is in use (69, EX_UNAVAILABLE).</summary>
    Unavailable = 69,

    /// <summary>A file or directory cannot be made (73, EX_CANTCREAT).</summary>
    CannotCreate = 73,

    /// <summary>The disk failed (74, EX_IOERR).</summary>
    InputOutput = 74,

    /// <summary>The configuration cannot be used (78, EX_CONFIG).</summary>
    Configuration = 78,
}

/// <summary>A server did not start, and nothing was changed. The message is one line for the operator.</summary>
[SuppressMessage("Naming", "CA1710", Justification = "An error of the operator or the machine, like ConfigurationError.")]
public sealed class StartupError : Exception
{
    /// <param name="fault">What kind of trouble.</param>
    /// <param name="message">One line for the operator.</param>
    /// <param name="inner">What the system said.</param>
    public StartupError(StartupFault fault, string message, Exception? inner = null)
        : base(message, inner) => Fault = fault;

    /// <summary>What kind of trouble; its number is the exit code.</summary>
    public StartupFault Fault { get; }

    /// <summary>An address cannot be listened on.</summary>
    internal static StartupError CannotListen(IPEndPoint endPoint, SocketException error)
    {
        string reason = error.SocketErrorCode switch
        {
            SocketError.AddressAlreadyInUse => "another program listens there",
            SocketError.AddressNotAvailable => "this machine does not have that address",
            SocketError.AccessDenied => "this user may not listen there",
            _ => error.Message,
        };
        return new StartupError(StartupFault.Unavailable, $"cannot listen on {endPoint}: {reason}", error);
    }
}
