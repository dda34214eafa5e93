using System.Net;

namespace Warren.Core.Security;

/// <summary>Slows down who tries passwords: each address has so many failed logins, which come back with time.</summary>
/// <remarks>Thread-safe. Remembers a bounded number of addresses; who is forgotten starts anew.</remarks>
public sealed class LoginThrottle
{
    private const int Burst = 50;
    private const double PerSecond = 2;
    private const int AddressesKept = 10_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<IPAddress, (double Left, long AtTimestamp)> _addresses = [];
    private readonly TimeProvider _time;

    /// <summary>Nobody has failed yet.</summary>
    public LoginThrottle(TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
    }

    /// <summary>Whether an address may try at all.</summary>
    public bool MayTry(IPAddress address)
    {
        lock (_lock)
        {
            return Left(address) >= 1;
        }
    }

    /// <summary>A login from this address has failed.</summary>
    public void OnFailure(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        lock (_lock)
        {
            double left = Left(address);
            if (_addresses.Count >= AddressesKept && !_addresses.ContainsKey(address))
            {
                Forget();
            }

            _addresses[address] = (Math.Max(0, left - 1), _time.GetTimestamp());
        }
    }

    private double Left(IPAddress address) =>
        _addresses.TryGetValue(address, out (double Left, long AtTimestamp) state)
            ? Math.Min(Burst, state.Left + (_time.GetElapsedTime(state.AtTimestamp).TotalSeconds * PerSecond))
            : Burst;

    // Those with all their attempts back need not be remembered; if that is nobody, everybody starts anew.
    private void Forget()
    {
        foreach (IPAddress address in _addresses.Keys.Where(a => Left(a) >= Burst).ToArray())
        {
            _addresses.Remove(address);
        }

        if (_addresses.Count >= AddressesKept)
        {
            _addresses.Clear();
        }
    }
}
