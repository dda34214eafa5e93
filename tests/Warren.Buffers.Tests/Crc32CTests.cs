using System.Text;
using Xunit;

namespace Warren.Buffers.Tests;

/// <summary>RFC 3720, appendix B.4, and both ways of computing.</summary>
public sealed class Crc32CTests
{
    public static TheoryData<byte[], uint> Vectors => new()
    {
        { [], 0 },
        { Encoding.ASCII.GetBytes("123456789"), 0xE3069283 },
        { new byte[32], 0x8A9136AA },
        { [.. Enumerable.Repeat((byte)0xFF, 32)], 0x62A8AB43 },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)i)], 0x46DD794E },
        { [.. Enumerable.Range(0, 32).Select(i => (byte)(31 - i))], 0x113FDB5C },
    };

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Known_vectors(byte[] bytes, uint crc)
    {
        Assert.Equal(crc, Crc32C.Compute(bytes));
        Assert.Equal(crc, Crc32C.ComputeByTable(bytes));
    }

    [Fact]
    public void The_instruction_and_the_table_agree_for_every_length_and_seed()
    {
        byte[] bytes = new byte[300];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length < bytes.Length; length++)
        {
            ReadOnlySpan<byte> part = bytes.AsSpan(length / 3, length - (length / 3));

            Assert.Equal(Crc32C.ComputeByTable(part, (uint)length * 77), Crc32C.Compute(part, (uint)length * 77));
        }
    }

    [Fact]
    public void Parts_in_a_row_give_the_checksum_of_the_whole()
    {
        byte[] bytes = new byte[100];
        new Random(2).NextBytes(bytes);
        for (int cut = 0; cut <= bytes.Length; cut++)
        {
            Assert.Equal(Crc32C.Compute(bytes), Crc32C.Compute(bytes.AsSpan(cut), Crc32C.Compute(bytes.AsSpan(0, cut))));
        }
    }
}
