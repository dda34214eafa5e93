using System.Net.Sockets;

namespace Warren.Transport;

/// <summary>Tells whether so few file descriptors are free that no more clients are let in.</summary>
/// <remarks>Thread-safe. One look costs a few microseconds however many descriptors are open.</remarks>
public sealed class DescriptorWatch
{
    private const string Nothing = "/dev/null";
    private const int FreeAgain = 16; // or the alarm would come and go with every client

    private readonly int _reserved;
    private bool _isShort;

    /// <param name="reserved">Descriptors clients must not take; <see cref="ListenerOptions.ReservedDescriptors"/>.</param>
    public DescriptorWatch(int reserved) => _reserved = reserved;

    /// <summary>Looks now. Never on Windows, which has no such limit.</summary>
    public bool IsShort()
    {
        long firstReserved = DescriptorLimit.FirstReserved(_reserved);
        bool isShort = firstReserved != long.MaxValue
            && !AreFree(Volatile.Read(ref _isShort) ? FreeAgain : 1, firstReserved);
        Volatile.Write(ref _isShort, isShort);
        return isShort;
    }

    /// <summary>Whether a client's socket is one of the descriptors that clients must not take.</summary>
    public bool IsReserved(Socket client)
    {
        ArgumentNullException.ThrowIfNull(client);
        return DescriptorLimit.IsReserved(client, DescriptorLimit.FirstReserved(_reserved));
    }

    // The system hands out the lowest that is free. Each level holds one.
    private static bool AreFree(int count, long firstReserved)
    {
        try
        {
            using var one = new FileStream(Nothing, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            return one.SafeFileHandle.DangerousGetHandle() < firstReserved && (count == 1 || AreFree(count - 1, firstReserved));
        }
        catch (IOException)
        {
            return false; // there is not a single one
        }
    }
}
