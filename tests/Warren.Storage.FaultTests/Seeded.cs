namespace Warren.Storage.FaultTests;

/// <summary>Runs a test for many seeds; a failure names its seed. WARREN_SEEDS multiplies the number, in percent.</summary>
internal static class Seeded
{
    internal static void Run(int usual, Action<int> run)
    {
        int percent = int.TryParse(Environment.GetEnvironmentVariable("WARREN_SEEDS"), out int wanted) ? wanted : 100;
        int count = Math.Max(1, usual * percent / 100);
        for (int seed = 0; seed < count; seed++)
        {
            try
            {
                run(seed);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        }
    }
}
