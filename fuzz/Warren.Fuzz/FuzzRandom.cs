namespace Warren.Fuzz;

/// <summary>SplitMix64: cheap to seed anew for each input.</summary>
internal sealed class FuzzRandom
{
    private ulong _state;

    public void Seed(ulong seed) => _state = seed * 0x9E3779B97F4A7C15;

    public ulong Next64()
    {
        ulong z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number from 0 to <paramref name="bound"/>, the bound left out; 0 for a bound of 0.</summary>
    public int Next(int bound) => (int)(((Next64() >> 32) * (ulong)bound) >> 32);

    public T Pick<T>(IReadOnlyList<T> list) => list[Next(list.Count)];
}
