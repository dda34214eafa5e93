using System.Text;
using Warren.Protocols.Mqtt;
using Warren.Wire.Mqtt;
using Xunit;

namespace Warren.Protocols.Tests.Mqtt;

/// <summary>The tree finds what a look at each filter finds.</summary>
public sealed class FilterTreeTests
{
    private static readonly string[] Words = ["a", "b", "c", "", "$x"];

    [Fact]
    public void Tree_finds_exactly_the_filters_that_take_in_the_topic()
    {
        Random random = new(7);
        for (int round = 0; round < 200; round++)
        {
            string[] filters = [.. Enumerable.Range(0, 30).Select(_ => Filter(random)).Distinct()];
            var tree = new FilterTree<string>();
            foreach (string filter in filters)
            {
                tree.Add(Encoding.UTF8.GetBytes(filter), filter);
            }

            for (int i = 0; i < 50; i++)
            {
                string topic = string.Join('.', Enumerable.Range(0, random.Next(1, 5)).Select(_ => Words[random.Next(Words.Length)]));
                byte[] bytes = Encoding.UTF8.GetBytes(topic);
                List<string> found = [];
                tree.Find(bytes, found);

                Assert.Equal(filters.Where(f => TopicConversion.Matches(Encoding.UTF8.GetBytes(f), bytes)).Order(), found.Order());
            }
        }
    }

    private static string Filter(Random random)
    {
        IEnumerable<string> words = Enumerable.Range(0, random.Next(0, 4)).Select(_ => random.Next(3) == 0 ? "+" : Words[random.Next(Words.Length)]);
        return string.Join('.', random.Next(3) == 0 ? words.Append("#") : words.Append(Words[random.Next(Words.Length)]));
    }
}
