using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Warren.Fuzz;

/// <summary>Feeds one target until its inputs or its time are used up, and reports.</summary>
internal sealed class FuzzRun
{
    private const int MaxFailures = 10;
    private const int MaxMutations = 6;
    private const int CheckClockEvery = 256; // inputs

    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan WatchdogPeriod = TimeSpan.FromSeconds(10);

    private readonly FuzzTarget _target;
    private readonly FuzzOptions _options;
    private readonly FuzzInput _input = new();
    private readonly FuzzRandom _random = new();
    private long _inputs;
    private long _inputsAtLastLook = -1; // watchdog only
    private int _failures;

    public FuzzRun(FuzzTarget target, FuzzOptions options)
    {
        _target = target;
        _options = options;
    }

    /// <returns>True when nothing failed.</returns>
    public bool Execute()
    {
        var time = Stopwatch.StartNew();
        using (new Timer(_ => ExitIfStuck(), null, WatchdogPeriod, WatchdogPeriod))
        {
            while (_failures < MaxFailures && !IsOver(time))
            {
                RunOne(_options.Seed + (ulong)_inputs);
                Volatile.Write(ref _inputs, _inputs + 1);
            }
        }

        double seconds = time.Elapsed.TotalSeconds;
        double accepted = 100.0 * _target.Accepted / Math.Max(1, _inputs);
        Console.WriteLine(
            $"{_target.Name}: {_inputs} inputs, {_failures} failures ({seconds:F1} s, {accepted:F0} % accepted)");
        return _failures == 0;
    }

    private bool IsOver(Stopwatch time)
    {
        if (_inputs >= _options.Inputs)
        {
            return true;
        }

        return _inputs % CheckClockEvery == 0 && time.Elapsed.TotalSeconds >= _options.Seconds;
    }

    private void RunOne(ulong seed)
    {
        Make(seed);
        long started = Stopwatch.GetTimestamp();
        try
        {
            _target.Run(_input.Bytes, _random);
            if (Stopwatch.GetElapsedTime(started) > Slow && IsSlowAgain(seed))
            {
                Report(seed, "took more than 100 ms three times");
            }
        }
        catch (Exception failure)
        {
            Report(seed, failure is FuzzFailure ? failure.Message : failure.ToString());
        }
    }

    // The same input for the same seed, whatever ran before.
    private void Make(ulong seed)
    {
        _random.Seed(seed);
        _input.Set(_random.Pick(_target.Corpus));
        for (int mutations = _random.Next(MaxMutations); mutations > 0; mutations--)
        {
            if (_random.Next(2) == 0)
            {
                _target.MutateByGrammar(_input, _random);
            }
            else
            {
                _input.Mutate(_random, _target.Corpus);
            }
        }
    }

    // A busy machine can stop any thread for 100 ms once, but hardly three times at the same input.
    private bool IsSlowAgain(ulong seed)
    {
        for (int again = 0; again < 2; again++)
        {
            Make(seed);
            long started = Stopwatch.GetTimestamp();
            _target.Run(_input.Bytes, _random);
            if (Stopwatch.GetElapsedTime(started) <= Slow)
            {
                return false;
            }
        }

        return true;
    }

    private void ExitIfStuck()
    {
        long inputs = Volatile.Read(ref _inputs);
        if (inputs == _inputsAtLastLook)
        {
            Report(_options.Seed + (ulong)inputs, $"no end after {WatchdogPeriod.TotalSeconds} s");
            Environment.Exit(1);
        }

        _inputsAtLastLook = inputs;
    }

    private void Report(ulong seed, string what)
    {
        _failures++;
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{_target.Name}: FAILURE {what}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  again: Warren.Fuzz {_target.Name} --inputs 1 --seed {seed}");
        for (int at = 0; at < _input.Length; at += 16)
        {
            ReadOnlySpan<byte> line = _input.Bytes[at..Math.Min(at + 16, _input.Length)];
            text.AppendLine(CultureInfo.InvariantCulture, $"  {at:X4}  {BitConverter.ToString(line.ToArray())}");
        }

        Console.Write(text);
    }
}
