namespace Warren.Fuzz;

/// <summary>One reader and what has to hold for it whatever bytes it is given.</summary>
/// <remarks>One thread. Asked for the same input twice it has to behave the same.</remarks>
internal abstract class FuzzTarget
{
    private const int AllocationFactor = 4;
    private const int AllocationAllowance = 64 * 1024;

    /// <summary>The name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Valid inputs from which the others are made.</summary>
    public abstract IReadOnlyList<byte[]> Corpus { get; }

    /// <summary>Inputs so far that the reader took without complaint.</summary>
    public long Accepted { get; protected set; }

    /// <summary>One random change that keeps to the format, or breaks exactly one rule of it.</summary>
    public abstract void MutateByGrammar(FuzzInput input, FuzzRandom random);

    /// <summary>Feeds the reader and checks its properties.</summary>
    /// <exception cref="FuzzFailure">One of them does not hold. Any other exception is a failure as well.</exception>
    public abstract void Run(ReadOnlySpan<byte> input, FuzzRandom random);

    /// <summary>Bytes this thread has allocated: the mark for <see cref="CheckAllocation"/>.</summary>
    protected static long Allocated => GC.GetAllocatedBytesForCurrentThread();

    /// <summary>What was allocated since the mark must be bounded by the bytes given, not by what they claim.</summary>
    protected static void CheckAllocation(long mark, int inputLength, int factor = AllocationFactor)
    {
        long allocated = Allocated - mark;
        if (allocated > ((long)factor * inputLength) + AllocationAllowance)
        {
            throw new FuzzFailure($"{allocated} bytes allocated for {inputLength} bytes of input");
        }
    }
}
